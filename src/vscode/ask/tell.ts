import { window } from './window.ts';

/** Button of a message. */
export interface Offer {
  readonly title: string;
  readonly run: () => unknown;
}

/** Shows a message that nobody waits for: it disappears by itself, and its buttons with it. */
export function tell(text: string, ...offers: readonly Offer[]): void {
  follow(window.showInformationMessage(text, ...titlesOf(offers)), offers);
}

/** Shows such a message as a warning. */
export function warn(text: string, ...offers: readonly Offer[]): void {
  follow(window.showWarningMessage(text, ...titlesOf(offers)), offers);
}

function titlesOf(offers: readonly Offer[]): string[] {
  return offers.map(({ title }) => title);
}

function follow(chosen: Thenable<string | undefined>, offers: readonly Offer[]): void {
  chosen.then((title) => offers.find((offer) => offer.title === title)?.run());
}
