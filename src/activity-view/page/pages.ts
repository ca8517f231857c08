import { phrase } from '../../base/phrase.ts';
import { button, make } from './dom.ts';

/** Buttons that go from page to page of a list, the newest first. */
export class Pages {
  readonly element: HTMLElement;
  private readonly newer: HTMLButtonElement;
  private readonly older: HTMLButtonElement;

  /** @param name of the pages, for a screen reader */
  constructor(name: string, goNewer: () => void, goOlder: () => void) {
    this.newer = button(phrase('Newer'), goNewer);
    this.older = button(phrase('Older'), goOlder);
    this.element = make('nav', { 'aria-label': name }, this.newer, this.older);
  }

  /** Says which way there are more pages. A button that is of no use any more gives the focus to the other one. */
  show(hasNewer: boolean, hasOlder: boolean): void {
    const focused = document.activeElement;
    this.newer.disabled = !hasNewer;
    this.older.disabled = !hasOlder;
    this.element.hidden = !hasNewer && !hasOlder;
    if (focused === this.newer && !hasNewer) this.older.focus();
    if (focused === this.older && !hasOlder) this.newer.focus();
  }
}
