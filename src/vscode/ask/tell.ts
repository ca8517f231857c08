import { window } from './window.ts';

/** Something that a person can do about what is told. */
export interface Offer {
  readonly title: string;
  readonly run: () => unknown;
}

/** Tells something that nobody waits for: it goes away by itself, and its offers with it. */
export function tell(text: string, ...offers: readonly Offer[]): void {
  follow(window.showInformationMessage(text, ...titlesOf(offers)), offers);
}

/** Likewise, where something is not as it should be. */
export function warn(text: string, ...offers: readonly Offer[]): void {
  follow(window.showWarningMessage(text, ...titlesOf(offers)), offers);
}

function titlesOf(offers: readonly Offer[]): string[] {
  return offers.map(({ title }) => title);
}

function follow(chosen: Thenable<string | undefined>, offers: readonly Offer[]): void {
  chosen.then((title) => offers.find((offer) => offer.title === title)?.run());
}
