import { describe, expect, it } from 'vitest';
import { Collected } from '../../../src/deploy/connection/collected.ts';

describe('what a program on the target writes', () => {
  it('is kept apart by stream, characters that arrive in two parts too', () => {
    const collected = new Collected();
    const euro = Buffer.from('€');
    for (const chunk of [Buffer.from('a'), euro.subarray(0, 1), euro.subarray(1)]) collected.add('stdout', chunk);
    collected.add('stderr', Buffer.from('b'));
    expect(collected.texts()).toEqual({ stdout: 'a€', stderr: 'b' });
  });

  it('is kept up to a limit of both streams together', () => {
    const collected = new Collected(3);
    expect(collected.add('stdout', Buffer.from('ab'))).toBe(true);
    expect(collected.add('stderr', Buffer.from('cd'))).toBe(false);
    expect(collected.texts()).toEqual({ stdout: 'ab', stderr: '' });
  });
});
