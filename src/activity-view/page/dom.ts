import { inWords, type Phrase } from '../../base/phrase.ts';

/*
 * Elements of the page. Texts become text nodes, never HTML.
 */

type Child = Node | string;

/** Makes an element. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A text in the language of the editor; a plain text is not translated. */
export function say(text: Phrase | string): string {
  return inWords(text);
}

export function button(
  text: Phrase,
  press: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const element = make('button', { type: 'button', ...attributes }, say(text));
  element.addEventListener('click', press);
  return element;
}

/** Part of the page with a heading, by which a screen reader finds it. */
export function section(id: string, title: Phrase, ...children: readonly Child[]): HTMLElement {
  const heading = make('h2', { id: `${id}-title`, tabindex: '-1' }, say(title));
  return make('section', { id, 'aria-labelledby': heading.id }, heading, ...children);
}
