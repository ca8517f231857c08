import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { window } from '../../../../src/vscode/ask/window.ts';
import { answers, resetEditor, shown } from '../../../rig/fake-vscode.ts';

const FOLDER = fileURLToPath(new URL('../../../../src/vscode', import.meta.url));
const NASTY = '[go](command:x)\u001b';
const HARMLESS = '[go] (command:x)\\u001b';

beforeEach(resetEditor);

describe('the window', () => {
  it('shows no link in a notification, and gives back what is chosen', async () => {
    answers.push('a', 'b', 'c');
    expect(await window.showErrorMessage(NASTY, 'a')).toBe('a');
    expect(await window.showWarningMessage(NASTY, { modal: true }, 'b')).toBe('b');
    expect(await window.showInformationMessage(NASTY)).toBe('c');
    expect(shown.map(({ message }) => message)).toEqual([HARMLESS, HARMLESS, HARMLESS]);
    expect(shown[1]?.items).toEqual([{ modal: true }, 'b']);
  });

  it('shows none in a question, nor in what is being done', async () => {
    answers.push('answer');
    expect(await window.showInputBox({ title: 'T', prompt: NASTY })).toBe('answer');
    expect(await window.withProgress({ location: 15, title: NASTY }, async () => 5)).toBe(5);
    expect(shown.map(({ message }) => message)).toEqual([`T: ${HARMLESS}`, HARMLESS]);
  });

  it('is otherwise the editor’s own', () => {
    expect(window.createTreeView).toBeTypeOf('function');
  });

  it('is where everything that shows a text takes it from', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const direct = files.filter((name) => {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      const shows = /\bwindow\.(show(Error|Warning|Information)Message|showInputBox|withProgress)\b/.test(text);
      return shows && /import \{[^}]*\bwindow\b[^}]*\} from 'vscode'/.test(text);
    });
    expect(direct, 'import { window } from window.ts in these: it breaks links').toEqual([]);
  });
});
