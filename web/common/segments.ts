/** Buttons of which one is pressed. */
import { element } from './element.ts';

export class Segments<Name extends string> {
  readonly root: HTMLElement;
  private readonly onChoose: (name: Name) => void;

  constructor(label: string, onChoose: (name: Name) => void) {
    this.onChoose = onChoose;
    this.root = element('div', { class: 'segments', role: 'group', 'aria-label': label });
  }

  /** @param titles text of each button by its name */
  offer(titles: Readonly<Partial<Record<Name, string>>>): void {
    this.root.replaceChildren(
      ...(Object.entries(titles) as [Name, string][]).map(([name, title]) =>
        element(
          'button',
          {
            type: 'button',
            'data-name': name,
            'aria-pressed': 'false',
            onclick: () => this.onChoose(name),
          },
          title,
        ),
      ),
    );
  }

  press(name: Name | undefined): void {
    for (const button of this.root.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.name === name));
    }
  }
}
