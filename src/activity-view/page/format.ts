/** Times and numbers as the language of the editor writes them. */
export class Format {
  private readonly times: Intl.DateTimeFormat;
  private readonly dates: Intl.DateTimeFormat;
  private readonly moments: Intl.DateTimeFormat;
  private readonly hours: Intl.DateTimeFormat;
  private readonly days: Intl.DateTimeFormat;
  private readonly numbers: Intl.NumberFormat;
  private readonly percents: Intl.NumberFormat;

  constructor(language: string) {
    const known = Intl.DateTimeFormat.supportedLocalesOf(language).length > 0 ? language : 'en';
    this.times = new Intl.DateTimeFormat(known, { dateStyle: 'medium', timeStyle: 'medium' });
    this.dates = new Intl.DateTimeFormat(known, { dateStyle: 'medium' });
    this.moments = new Intl.DateTimeFormat(known, { dateStyle: 'medium', timeStyle: 'short' });
    this.hours = new Intl.DateTimeFormat(known, { hour: 'numeric', minute: '2-digit' });
    this.days = new Intl.DateTimeFormat(known, { day: 'numeric', month: 'short' });
    this.numbers = new Intl.NumberFormat(known);
    this.percents = new Intl.NumberFormat(known, { style: 'percent', maximumFractionDigits: 1 });
  }

  /** @param at unix milliseconds */
  readonly time = (at: number) => this.times.format(at);
  readonly date = (at: number) => this.dates.format(at);
  /** Without seconds. */
  readonly moment = (at: number) => this.moments.format(at);
  readonly hour = (at: number) => this.hours.format(at);
  readonly day = (at: number) => this.days.format(at);
  readonly number = (value: number) => this.numbers.format(value);
  readonly percent = (part: number) => this.percents.format(part);
}
