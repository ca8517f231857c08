import { describe, expect, it } from 'vitest';
import { RememberedPrompts } from '../../../src/deploy/connection/remembered.ts';

/** A person who gives these answers, and then none. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const secret = async (question: string) => {
    asked.push(question);
    return answers[asked.length - 1];
  };
  return { asked, secret, text: async () => 'seen', confirm: async () => true };
}

const PASSWORD = 'Password of dev@prod:';
const AGAIN = `That was wrong. ${PASSWORD}`;

describe('a password', () => {
  it('is asked for once for all connections, the one that was right', async () => {
    const { asked, ...prompts } = person('wrong', 'right');
    const remembered = new RememberedPrompts(prompts);
    remembered.begin();
    expect(await remembered.secret(PASSWORD)).toBe('wrong');
    expect(await remembered.secret(AGAIN)).toBe('right');
    remembered.succeed();
    remembered.begin();
    expect(await remembered.secret(PASSWORD)).toBe('right');
    expect(asked).toEqual([PASSWORD, AGAIN]);
  });

  it('is asked for anew when it is wrong by now, or good for one time only', async () => {
    const { asked, ...prompts } = person('first', 'second');
    const remembered = new RememberedPrompts(prompts);
    remembered.begin();
    await remembered.secret(PASSWORD);
    remembered.succeed();
    remembered.begin();
    expect(await remembered.secret(PASSWORD)).toBe('first');
    expect(await remembered.secret(AGAIN)).toBe('second');
    expect(asked).toEqual([PASSWORD, AGAIN]);
  });

  it('is forgotten when the connection failed', async () => {
    const { asked, ...prompts } = person('wrong');
    const remembered = new RememberedPrompts(prompts);
    remembered.begin();
    await remembered.secret(PASSWORD);
    remembered.begin();
    expect(await remembered.secret(PASSWORD)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('is not mixed up with what may be seen', async () => {
    const { asked: _, ...prompts } = person();
    const remembered = new RememberedPrompts(prompts);
    expect([await remembered.text('x'), await remembered.confirm('y')]).toEqual(['seen', true]);
  });
});

describe('an answer that comes when the server has cut the connection off', () => {
  it('is waited for, and used for the next connection', async () => {
    const asked: string[] = [];
    let answer: (password: string) => void = () => {};
    const remembered = new RememberedPrompts({
      secret: (question) => {
        asked.push(question);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      text: async () => undefined,
      confirm: async (question) => {
        asked.push(question);
        return true;
      },
    });
    remembered.begin();
    expect(await remembered.confirm('Is this the fingerprint?', 'SHA256:x')).toBe(true);
    remembered.secret(PASSWORD);
    const kept = remembered.keepForNext();
    answer('late');
    expect(await kept).toBe(true);
    remembered.begin();
    expect(await remembered.confirm('Is this the fingerprint?', 'SHA256:x')).toBe(true);
    expect(await remembered.secret(PASSWORD)).toBe('late');
    expect(asked).toEqual(['Is this the fingerprint?', PASSWORD]);
    // Nobody was asked this time: a third connection would end like the second.
    expect(await remembered.keepForNext()).toBe(false);
  });
});
