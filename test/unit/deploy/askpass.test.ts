import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Askpass } from '../../../src/deploy/connection/system/askpass.ts';
import { temporaryFolder } from '../client/support.ts';

/** Asks as ssh does: runs the script with the question, and reads what it prints. */
async function ask(question: string, answers: { secret?: string; confirm?: boolean; kind?: string; isOver?: boolean }) {
  const folder = temporaryFolder();
  const asked: string[] = [];
  const prompts = {
    secret: async (text: string) => {
      asked.push(`secret: ${text}`);
      // A person is slower than the script.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answers.secret;
    },
    confirm: async (text: string) => {
      asked.push(`confirm: ${text}`);
      return answers.confirm ?? false;
    },
    text: async () => undefined,
  };
  const askpass = new Askpass(folder, folder, prompts, undefined);
  const env = { ...process.env, ...askpass.env, SSH_ASKPASS_PROMPT: answers.kind ?? '' };
  const script = spawn(join(folder, 'ask'), [question], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  script.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = new Promise<number | null>((resolve) => script.once('close', resolve));
  let code: number | null | undefined;
  ended.then((value) => {
    code = value;
  });
  while (code === undefined) {
    await askpass.answer(() => answers.isOver ?? false);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { asked, stdout, code, left: readdirSync(folder) };
}

describe('a question of ssh', () => {
  it('is asked in our own program, and answered through the script alone', async () => {
    expect(await ask("dev@prod's password: ", { secret: 'open $sesame "' })).toEqual({
      asked: ["secret: dev@prod's password:"],
      stdout: 'open $sesame "\n',
      code: 0,
      left: ['ask'],
    });
  });

  it('is cut and made printable: parts of it are the server’s', async () => {
    const { asked } = await ask(`\u001b]0;title\u0007Code\n${'x'.repeat(1000)}`, { secret: '1' });
    expect(asked[0]).not.toMatch(/\p{Cc}/u);
    expect(asked[0]?.length).toBeLessThan(350);
  });

  it('that nobody answers ends the script with 1', async () => {
    expect(await ask('Password: ', {})).toMatchObject({ stdout: '', code: 1, left: ['ask'] });
  });

  it.each([
    [true, 'yes\n'],
    [false, 'no\n'],
  ])('about the key of a host is confirmed or not: %s', async (confirm, stdout) => {
    const question = 'Are you sure you want to continue connecting (yes/no/[fingerprint])? ';
    expect(await ask(question, { confirm })).toMatchObject({ asked: [`confirm: ${question.trim()}`], stdout, code: 0 });
  });

  it('that only says something is not asked', async () => {
    expect(await ask('Confirm user presence for key', { kind: 'none' })).toMatchObject({ asked: [], code: 0 });
  });

  it('leaves no script behind when ssh has given up meanwhile', async () => {
    expect(await ask('Password: ', { secret: 'late', isOver: true })).toMatchObject({ code: 0, left: ['ask'] });
  });
});
