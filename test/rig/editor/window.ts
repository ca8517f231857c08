import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { sleep } from '../process.ts';

const PATIENCE_MS = 20_000;
/** Time for extensions to start on a busy machine: before that, the palette offers none of their commands. */
const STARTING_MS = 90_000;
/** Time for the editor itself: a few seconds when the machine is quiet. */
const LOADS_WITHIN_MS = 240_000;
const LOOK_EVERY_MS = 50;
/** Time until a key's effect is on the screen, unless the key went elsewhere. */
const APPEARS_MS = 5000;

/** A notification that is on the screen. */
export interface Notice {
  text: string;
  buttons: string[];
}

/** An item of the status bar: what is seen, and what a screen reader says. */
export interface StatusItem {
  text: string;
  spoken: string;
}

/** A window of the workbench, driven as by a person with a keyboard. */
export class Window {
  readonly page: Page;
  private readonly address: string;

  constructor(page: Page, address: string) {
    this.page = page;
    this.address = address;
  }

  /** Loads the window's page, and waits until it can be used; extensions may still be starting. */
  async load(): Promise<void> {
    await this.page.goto(this.address, { waitUntil: 'commit' });
    await this.ready();
  }

  /** Reloads the page, as `Developer: Reload Window` does. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'commit' });
    await this.ready();
  }

  private async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench [id="status.host"]').waitFor({ timeout: LOADS_WITHIN_MS });
  }

  /** Runs a command from the palette. `title` is what the palette shows: `Knockgate: Show Log`. */
  async runCommand(title: string): Promise<void> {
    const offered = async () => {
      await this.page.keyboard.press('F1');
      // A page inside the window, such as a preview that is being loaded, may have taken the key.
      if (!(await appears(this.input))) return false;
      // While a window is being loaded, the palette may close again before anything is typed.
      const isTyped = await this.input.fill(`>${title}`, { timeout: 2000 }).then(
        () => true,
        () => false,
      );
      if (isTyped && (await this.choose(title, 2000))) return true;
      await this.page.keyboard.press('Escape');
      return false;
    };
    await this.eventually(`the palette to offer "${title}"`, offered, STARTING_MS);
  }

  /** Chooses an entry of the open list by its label; typing finds it. */
  async pick(label: string): Promise<void> {
    await this.input.waitFor({ timeout: PATIENCE_MS });
    await this.input.fill(label);
    if (!(await this.choose(label, PATIENCE_MS))) throw new Error(`"${label}" is not offered: ${await this.offers()}`);
  }

  /** Answers the question that is open. */
  async answer(text: string): Promise<void> {
    await this.input.waitFor({ timeout: PATIENCE_MS });
    await this.input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Types into the element that has the focus. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.insertText(text);
  }

  /** Labels of the list that is open. */
  async offers(): Promise<string[]> {
    return (await this.rows.locator('.label-name').allTextContents()).map(plain);
  }

  /**
   * Reads the message of the question with that title, such as why the answer is wrong. Waits for it: after an answer the
   * question before is still there for a moment.
   */
  async question(asks: RegExp): Promise<{ title: string; message: string; placeholder: string }> {
    const title = await this.eventually(`the question ${asks}`, async () => {
      const present = plain((await this.widget.locator('.quick-input-title').textContent()) ?? '');
      return asks.test(present) && (await this.asks()) ? present : undefined;
    });
    const message = plain((await this.widget.locator('.quick-input-message').textContent()) ?? '');
    return { title, message, placeholder: (await this.input.getAttribute('placeholder')) ?? '' };
  }

  /** Waits for one of several questions with the same title, by the text around its field or in it. */
  async asked(says: RegExp, patienceMs = PATIENCE_MS): Promise<void> {
    await this.eventually(
      `the question that says ${says}`,
      async () => {
        const around = (await this.widget.allInnerTexts()).join();
        return says.test(`${around} ${await this.input.getAttribute('placeholder')}`) && (await this.asks());
      },
      patienceMs,
    );
  }

  /** Whether a list or a question is open. */
  asks(): Promise<boolean> {
    return this.widget.isVisible();
  }

  private get widget(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  private get input(): Locator {
    return this.widget.locator('.quick-input-box input');
  }

  private get rows(): Locator {
    return this.widget.locator('.quick-input-list .monaco-list-row');
  }

  /** Goes down the list to the entry of that label, and takes it. */
  private async choose(label: string, patienceMs: number): Promise<boolean> {
    const start = performance.now();
    while (performance.now() - start < patienceMs) {
      const at = (await this.offers()).indexOf(label);
      if (at < 0) {
        await sleep(LOOK_EVERY_MS);
        continue;
      }
      const focused = this.widget.locator('.monaco-list-row.focused .label-name').first();
      for (let steps = 0; steps < 30; steps += 1) {
        const [present = ''] = await focused.allTextContents();
        if (plain(present) === label) {
          await this.page.keyboard.press('Enter');
          return true;
        }
        await this.page.keyboard.press('ArrowDown');
      }
    }
    return false;
  }

  /** An item of the status bar, by the beginning of its id or by what a screen reader says; undefined when it is not shown. */
  async statusBar(what: string | RegExp): Promise<StatusItem | undefined> {
    const items = this.page.locator('.statusbar-item');
    const item = typeof what === 'string' ? this.page.locator(`.statusbar-item[id^="${what}"]`) : items;
    for (const each of await item.all()) {
      const spoken = (await each.getAttribute('aria-label', { timeout: 1000 }).catch(() => null)) ?? '';
      if (what instanceof RegExp && !what.test(spoken)) continue;
      const text = plain((await each.textContent({ timeout: 1000 }).catch(() => null)) ?? '');
      if (await each.isVisible()) return { text, spoken };
    }
    return undefined;
  }

  /** Waits until an item of the status bar has a text, and returns it. */
  async statusBarSays(what: string | RegExp, says: RegExp, patienceMs = PATIENCE_MS): Promise<StatusItem> {
    let last: StatusItem | undefined;
    const found = await this.eventually(
      () => `the status bar to say ${says}; it says "${last?.text}"`,
      async () => {
        last = await this.statusBar(what);
        return last !== undefined && says.test(last.text) ? last : undefined;
      },
      patienceMs,
    );
    return found;
  }

  /** Notifications on the screen at one moment: any may disappear at any time. */
  async notifications(): Promise<Notice[]> {
    const found = await this.page.evaluate<Notice[]>(`
      [...document.querySelectorAll('.notifications-toasts .notification-list-item')].map((toast) => ({
        text: toast.querySelector('.notification-list-item-message')?.textContent ?? '',
        buttons: [...toast.querySelectorAll('.notification-list-item-buttons-container .monaco-button')].map(
          (button) => button.textContent ?? '',
        ),
      }))`);
    return found.map(({ text, buttons }) => ({ text: plain(text), buttons: buttons.map(plain) }));
  }

  /** Waits for a notification. */
  notice(says: RegExp): Promise<Notice> {
    return this.eventually(`a notification ${says}`, async () =>
      (await this.notifications()).find(({ text }) => says.test(text)),
    );
  }

  /** Presses a button of a notification; again when the click has missed it, since the notification may still be moving. */
  async press(button: string): Promise<void> {
    const found = this.page.locator('.notifications-toasts .monaco-button', { hasText: button }).first();
    const asking = async () =>
      (await this.notifications()).find(({ buttons }) => buttons.some((each) => each.includes(button)))?.text;
    const asked = await this.eventually(`a notification with ${button}`, asking);
    await this.eventually(`${button} to be taken`, async () => {
      if ((await asking()) !== asked) return true;
      await found.click({ timeout: 1000 }).catch(() => {});
      return (await asking()) !== asked;
    });
  }

  /** Presses a button of the dialog that says this. */
  async pressInDialog(says: RegExp, button: string): Promise<void> {
    const dialog = this.page.locator('.monaco-dialog-box', { hasText: says });
    await dialog.waitFor({ timeout: PATIENCE_MS });
    // Once more when the click has missed it, since the dialog may still be moving.
    await this.eventually(`${button} to be taken`, async () => {
      await dialog
        .locator('.monaco-button', { hasText: button })
        .first()
        .click({ timeout: 1000 })
        .catch(() => {});
      return (await dialog.count()) === 0;
    });
  }

  async clipboard(): Promise<string> {
    return await this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** Text of the panel at the bottom, where output is shown; lines that are not scrolled to are not in it. */
  async panelText(): Promise<string> {
    return (await this.page.locator('.part.panel .view-line').allTextContents()).map(plain).join('\n');
  }

  /** Waits until a page inside the window, such as a preview, has a text, on the screen or further down. */
  async showsPage(text: string, patienceMs = STARTING_MS): Promise<void> {
    const isIn = (frame: Frame) => frame.getByText(text).count();
    const anywhere = async () => {
      const counts = await Promise.all(this.page.frames().map((frame) => isIn(frame).catch(() => 0)));
      return counts.some((count) => count > 0);
    };
    await this.eventually(`a page with "${text}"`, anywhere, patienceMs);
  }

  /** Takes a picture of the window. */
  async screenshot(file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  /** Tries until there is something. */
  async eventually<T>(
    what: string | (() => string),
    attempt: () => Promise<T | undefined | false>,
    patienceMs = PATIENCE_MS,
  ): Promise<T> {
    const start = performance.now();
    for (;;) {
      const found = await attempt();
      if (found) return found;
      const waitedMs = performance.now() - start;
      if (waitedMs > patienceMs)
        throw new Error(`waited ${Math.round(waitedMs)} ms for ${typeof what === 'string' ? what : what()}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Closes the window. */
  async close(): Promise<void> {
    await this.page.close();
  }
}

/** Whether something comes onto the screen within some seconds. */
function appears(what: Locator): Promise<boolean> {
  return what.waitFor({ timeout: APPEARS_MS }).then(
    () => true,
    () => false,
  );
}

/** Replaces the non-breaking spaces that the editor writes. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ').trim();
}
