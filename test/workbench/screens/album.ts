import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import type { Theme } from '../../rig/editor/workbench.ts';
import { makeSheets, type Picture, type Sheet } from '../contact-sheet.ts';
import { lookClosely } from './look.ts';
import type { Stage } from './stage.ts';

/** Time until a tooltip has appeared. */
const AGAIN_AFTER_MS = 600;

/** Time without a change after which everything has been painted, and time between looks. */
const STILL_MS = 300;
const STILL_LOOKS = 20;

/** On a busy machine the extension takes long to start; later chapters need what earlier ones have made. */
const PATIENCE_MS = 90_000;

/** Subject of a picture. */
export interface Subject {
  /** Element to look at; the picture shows all of the window. */
  of: Locator;
  /** Text of it, for people who do not see it as well. */
  says: RegExp;
  /** The command that shows it, without `knockgate.`. */
  by?: string | undefined;
  /** Something else that the picture shows, and that comes later. */
  beside?: Locator | undefined;
  /** Shows the subject again after another theme has closed it. */
  again?: () => Promise<void>;
}

/** Pictures of everything, each in some themes, in chapters. */
export class Album {
  private readonly stage: Stage;
  private readonly dir: string;
  private readonly themes: readonly Theme[];
  private readonly chapters = new Map<string, Map<Theme, Picture[]>>();
  private title = '';
  private readonly hashes = new Map<string, string>();
  /** The commands that were seen at work. */
  readonly commands = new Set<string>();
  /** Faults that were seen. */
  readonly faults: string[] = [];

  /** @param dir emptied first */
  constructor(stage: Stage, dir: string, themes: readonly Theme[]) {
    this.stage = stage;
    this.dir = dir;
    this.themes = themes;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
  }

  /** Begins a group of pictures that belong together. */
  begin(title: string): void {
    this.title = title;
    this.chapters.set(title, new Map(this.themes.map((theme) => [theme, []])));
  }

  /** How many pictures there are. */
  get count(): number {
    return this.hashes.size;
  }

  /** Waits for something to be on the screen, and takes it in every theme, beginning with the one that is there. */
  async take(name: string, subject: Subject): Promise<void> {
    const present = this.themes.find((theme) => theme === this.stage.theme) ?? this.themes[0];
    if (subject.by !== undefined) this.commands.add(`knockgate.${subject.by}`);
    for (const each of this.themes.toSorted((a, b) => Number(b === present) - Number(a === present))) {
      await this.stage.show(each);
      await this.keep(name, each, subject);
      // In one theme: another comes first each time.
      if (each === present) await this.look(name, each, subject);
    }
  }

  private async look(name: string, theme: Theme, subject: Subject): Promise<void> {
    const faults = await lookClosely(this.page, subject.of.first(), () => this.waitFor(name, subject));
    for (const fault of faults) this.fault(name, theme, fault);
  }

  /** Takes a list or a question. */
  async question(name: string, says: RegExp, by?: string): Promise<void> {
    await this.take(name, { of: this.page.locator('.quick-input-widget'), says, by });
  }

  /** Takes the editor's own dialog for files, with what is in the folder. */
  async fileQuestion(name: string, says: RegExp, by?: string): Promise<void> {
    const of = this.page.locator('.quick-input-widget');
    await this.take(name, { of, says, by, beside: of.locator('.monaco-list-row').first() });
  }

  /** Takes a notification, then closes all there are. */
  async notice(name: string, says: RegExp, by?: string): Promise<void> {
    const of = this.page.locator('.notifications-toasts .notification-toast', { hasText: says });
    await this.waitFor(name, { of, says });
    await this.stage.keepNotifications(() => this.take(name, { of, says, by }));
    await this.stage.run('notifications.clearAll');
    await of.first().waitFor({ state: 'detached' });
  }

  /** Takes a dialog that holds up everything else. */
  async dialog(name: string, says: RegExp, by?: string): Promise<void> {
    await this.take(name, { of: this.page.locator('.monaco-dialog-box'), says, by });
  }

  /** Puts the pictures of each chapter and theme onto a sheet; returns the files. */
  async sheets(): Promise<string[]> {
    const sheets = [...this.chapters].flatMap(([title, themes]) =>
      [...themes].map(([theme, pictures]): Sheet => {
        const out = `${this.dir}-${slug(title)}-${slug(theme)}.png`;
        return { title: `${title}, ${theme}`, pictures, out };
      }),
    );
    await makeSheets(sheets);
    return sheets.map(({ out }) => out);
  }

  private get page(): Page {
    return this.stage.window.page;
  }

  private async waitFor(name: string, { of, says, again }: Subject): Promise<void> {
    const subject = of.first();
    let last = '';
    let tried = 0;
    await this.stage.window.eventually(
      () => `"${name}" to say ${says}; it says "${last}"`,
      async () => {
        if (await subject.isVisible()) last = await wordsOf(subject).catch(gone);
        else if (performance.now() - tried > AGAIN_AFTER_MS) {
          if (tried > 0) await again?.();
          tried = performance.now();
        }
        return says.test(last);
      },
      PATIENCE_MS,
    );
  }

  private async keep(name: string, theme: Theme, subject: Subject): Promise<void> {
    await this.waitFor(name, subject);
    const pictures = this.chapters.get(this.title)?.get(theme) ?? [];
    const file = join(this.dir, `${slug(this.title)}-${pictures.length + 1}-${slug(theme)}.png`);
    await subject.beside?.waitFor({ timeout: PATIENCE_MS });
    const image = await (subject.beside ? this.stillPicture() : this.page.screenshot());
    // Gone meanwhile: the picture may be without it.
    if (!(await subject.of.first().isVisible())) return this.keep(name, theme, subject);
    writeFileSync(file, image);
    pictures.push({ file, caption: `${pictures.length + 1} ${name}` });
    const hash = createHash('sha256').update(image).digest('hex');
    const same = this.hashes.get(hash);
    if (same !== undefined) this.fault(name, theme, `looks the same as ${same}`);
    this.hashes.set(hash, `"${name}"`);
  }

  /** A picture of the window when nothing in it changes any more. */
  private async stillPicture(): Promise<Buffer> {
    let image = await this.page.screenshot();
    for (let look = 0; look < STILL_LOOKS; look++) {
      await this.page.waitForTimeout(STILL_MS);
      const next = await this.page.screenshot();
      if (next.equals(image)) break;
      image = next;
    }
    return image;
  }

  private fault(name: string, theme: Theme, text: string): void {
    this.faults.push(`${name} (${theme}): ${text}`);
  }
}

const slug = (text: string) => text.toLowerCase().replace(/[^a-z]+/g, '-');

/** A page of the editor's own may be loaded anew while it is looked at. */
const gone = () => '';

/** The text of an element, and what its empty fields say; in one line. */
async function wordsOf(subject: Locator): Promise<string> {
  const fields = subject.locator('input');
  const placeholders = await fields.evaluateAll((inputs) => inputs.map((input) => input.getAttribute('placeholder')));
  const texts = await subject.allInnerTexts();
  return [...texts, ...placeholders].join(' ').replace(/\s+/g, ' ');
}
