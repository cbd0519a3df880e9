/** What Lighthouse calls best practices, as far as it can be told without a network. */
import { type Check, type CheckContext, must } from './context.ts';
import { smallCase } from './small_case.ts';

/** Names of fields are for autofill alone; sliders, boxes and files have none to fill in. */
const AUTOFILL = /FormEmptyIdAndNameAttributesForInputError/;

/** Of one page, in the page: sentences about what is missing. */
function missing(): string[] {
  const found: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  const content = (selector: string) =>
    document.querySelector(selector)?.getAttribute('content')?.trim() ?? '';
  must(document.doctype?.name === 'html' && document.compatMode === 'CSS1Compat', 'doctype');
  must(document.characterSet === 'UTF-8', 'charset');
  must(/width=device-width/.test(content('meta[name=viewport]')), 'viewport');
  must(
    !/user-scalable=no|maximum-scale/.test(content('meta[name=viewport]')),
    'zooming is forbidden',
  );
  must(document.title.length > 5, 'title');
  must(document.documentElement.lang === 'en', 'lang');
  must(content('meta[name=description]').length > 20, 'description');
  const policy = content('meta[http-equiv=Content-Security-Policy]');
  must(/default-src 'none'/.test(policy), 'a policy that starts from nothing');
  const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '*';
  must(!/unsafe-inline|'unsafe-eval'|\*|https?:|data:/.test(scripts), `script-src ${scripts}`);
  must(/base-uri 'none'/.test(policy), 'base-uri');
  for (const image of document.images) {
    must(image.hasAttribute('width') && image.hasAttribute('height'), `size of ${image.src}`);
    must(image.hasAttribute('alt'), `alt of ${image.src}`);
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[target=_blank]')) {
    must(/noopener/.test(link.rel), `rel=noopener of ${link.href}`);
  }
  for (const input of document.querySelectorAll('input[type=password]')) {
    must(!input.hasAttribute('onpaste'), 'pasting is forbidden');
  }
  must(isSecureContext, 'secure context');
  must(
    performance
      .getEntriesByType('resource')
      .every(({ name }) => !name.startsWith('http:') || /127\.0\.0\.1|localhost/.test(name)),
    'mixed content',
  );
  return found;
}

async function practices({ open, url }: CheckContext, file: string): Promise<void> {
  const answer = await fetch(`${url}${file}`);
  for (const header of ['content-security-policy', 'x-content-type-options', 'referrer-policy']) {
    must(answer.headers.has(header), `${file} comes without ${header}`);
  }
  const app = await open({ file });
  const warnings: string[] = [];
  app.page.on('console', (message) => {
    if (/deprecat|\[Violation\]/i.test(message.text())) warnings.push(message.text());
  });
  const session = await app.page.context().newCDPSession(app.page);
  const issues: string[] = [];
  session.on('Audits.issueAdded', ({ issue }) => {
    const details = JSON.stringify(issue.details);
    if (!AUTOFILL.test(details)) issues.push(`${issue.code} ${details.slice(0, 200)}`);
  });
  await session.send('Audits.enable');
  await app.adapter();
  if (file === '') {
    const { scan, model } = await smallCase();
    await app.choose('model-input', model);
    await app.page.getByText(model.name).first().waitFor();
    await app.choose('scan-input', scan);
    await app.segment();
  }
  const lacking = await app.page.evaluate(missing);
  must(lacking.length === 0, `missing: ${lacking.join(', ')}`);
  must(warnings.length === 0, warnings.join('\n  '));
  must(issues.length === 0, `issues: ${issues.join('\n  ')}`);
  // A script that someone sneaked in must not run.
  const hasRun = await app.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.documentElement.dataset.sneaked = "1"';
    document.body.append(script);
    return document.documentElement.dataset.sneaked === '1';
  });
  must(!hasRun, 'an inline script ran');
  const [blocked] = app.record.complaints.splice(0);
  must(/Content Security Policy/.test(blocked ?? ''), 'the policy kept silent about it');
}

export const bestPractices: readonly Check[] = ['', 'lab.html'].map((file) => ({
  name: `best practices of ${file || 'index.html'}`,
  needsData: false,
  run: (context) => practices(context, file),
}));
