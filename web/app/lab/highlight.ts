/** Colours for WGSL and TypeScript: comments, strings, numbers, words of the language, types, calls. */

export type Language = 'wgsl' | 'typescript';
type Kind = 'comment' | 'string' | 'number' | 'keyword' | 'type' | 'attribute' | 'call';

const KEYWORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  wgsl: new Set(
    'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while'.split(
      ' ',
    ),
  ),
  typescript: new Set(
    'as async await break case catch class const continue default do else export extends false finally for from function if implements import in instanceof interface let new null of override private readonly return static super switch this throw true try type typeof undefined using void while yield'.split(
      ' ',
    ),
  ),
};

const TYPES: Readonly<Record<Language, RegExp>> = {
  wgsl: /^(f16|f32|u32|i32|bool|elem|atomic|array|ptr|vec[234][fhiu]?|mat[234]x[234][fh]?|storage|uniform|workgroup|function|private|read|read_write|[A-Z]\w*[a-z]\w*)$/,
  typescript: /^(string|number|boolean|unknown|never|readonly|[A-Z]\w*[a-z]\w*)$/,
};

const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|(@\w+)|(\b0x[\da-fA-F_]+[iu]?|\b\d[\d_]*\.?\d*(?:e[-+]?\d+)?[fhiu]?)|([A-Za-z_]\w*)/g;

function kindOf(match: RegExpExecArray, source: string, language: Language): Kind | undefined {
  const [token, comment, text, attribute, digits] = match;
  if (comment !== undefined) return 'comment';
  if (text !== undefined) return language === 'wgsl' ? undefined : 'string';
  if (attribute !== undefined) return 'attribute';
  if (digits !== undefined) return 'number';
  if (KEYWORDS[language].has(token)) return 'keyword';
  if (TYPES[language].test(token)) return 'type';
  return source[match.index + token.length] === '(' ? 'call' : undefined;
}

/** The text as nodes: plain text, and spans of class `token-<kind>`. Joined they are the text. */
export function highlight(source: string, language: Language): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(source); match; match = TOKEN.exec(source)) {
    const kind = kindOf(match, source, language);
    if (!kind) continue;
    fragment.append(source.slice(at, match.index));
    const span = document.createElement('span');
    span.className = `token-${kind}`;
    span.textContent = match[0];
    fragment.append(span);
    at = match.index + match[0].length;
  }
  fragment.append(source.slice(at));
  return fragment;
}
