import { describe, expect, it } from 'vitest';
import { Questions } from '../../../../src/cli/many/questions.ts';
import { problemOf } from '../../client/support.ts';

const GOES_ON = new AbortController().signal;

/** A person who answers when the test says so, and a list of events in their order. */
function person() {
  const said: string[] = [];
  const answers: (() => void)[] = [];
  const put = (kind: string) => (question: string) => {
    said.push(`${kind} ${question}`);
    return new Promise<string>((done) => answers.push(() => done(`answer to ${question}`)));
  };
  const asking = { text: put('text'), secret: put('secret'), confirm: async () => Promise.reject(new Error('gone')) };
  const stage = {
    pause: (host: string) => said.push(`pause ${host}`),
    resume: (host: string) => said.push(`resume ${host}`),
  };
  const answer = async () => {
    answers.shift()?.();
    await settled();
  };
  return { said, asking, stage, answer };
}

/** Lets all pending work finish. */
const settled = () => new Promise((done) => setImmediate(done));

describe('questions of several hosts', () => {
  it('are asked one at a time, with the name of the host, and the table gives way', async () => {
    const { said, asking, stage, answer } = person();
    const questions = new Questions(asking, stage, true, GOES_ON);
    const [first, second] = [questions.of('web1').secret('Password:'), questions.of('web2').text('Trust this key?')];
    await settled();
    expect(said).toEqual(['pause web1', 'secret web1: Password:']);
    await answer();
    expect(await first).toBe('answer to web1: Password:');
    expect(said.slice(2)).toEqual(['resume web1', 'pause web2', 'text web2: Trust this key?']);
    await answer();
    expect(await second).toBe('answer to web2: Trust this key?');
    expect(said.at(-1)).toBe('resume web2');
  });

  it('go on when one of them fails', async () => {
    const { said, asking, stage, answer } = person();
    const questions = new Questions(asking, stage, true, GOES_ON);
    await expect(questions.of('web1').confirm('Do this?')).rejects.toThrow('gone');
    const next = questions.of('web2').text('Name:');
    await settled();
    await answer();
    expect(await next).toBe('answer to web2: Name:');
    expect(said).toContain('resume web1');
  });

  it('are not asked any more after Ctrl-C at one of them', async () => {
    const stop = new AbortController();
    const { said, asking, stage, answer } = person();
    const questions = new Questions(asking, stage, true, stop.signal);
    const [first, second] = [questions.of('web1').text('One?'), questions.of('web2').text('Two?')];
    const refused = problemOf(() => second);
    await settled();
    stop.abort();
    await answer();
    await first;
    expect((await refused).code).toBe('cancelled');
    expect(said.filter((each) => each.startsWith('text'))).toEqual(['text web1: One?']);
  });

  it('are asked of nobody when the answers would come from a file: they could reach the wrong host', async () => {
    const { said, asking, stage } = person();
    const questions = new Questions(asking, stage, false, GOES_ON);
    const problem = await problemOf(() => questions.of('web1').secret('Password of dev@web1, for sudo:'));
    expect(problem).toMatchObject({ code: 'question-unanswered', exit: 13 });
    expect(problem.what).toContain('web1');
    expect(said).toEqual([]);
  });
});
