/** Makes elements: attributes as strings, `on...` as listeners, text and elements as children. */
type Child = Node | string | null | undefined | false;
type Listener = (event: Event) => void;
type Attributes = Readonly<Record<string, string | number | boolean | Listener | undefined>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return made;
}

/** A square in the colour of a run or a class; the policy of the page forbids style attributes. */
export function swatch(colour: string): HTMLSpanElement {
  const made = element('span', { class: 'swatch', 'aria-hidden': 'true' });
  made.style.backgroundColor = colour;
  return made;
}
