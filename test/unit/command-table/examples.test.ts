import { describe, expect, it } from 'vitest';
import { DIALOGUES, dialogueNames } from '../../rig/dialogue.ts';
import { EXAMPLES, EXAMPLES_AT_HOME } from '../../rig/examples.ts';
import { SCRIPT } from '../../rig/examples-script.ts';

describe('the examples of the command table', () => {
  it('are typed by a test, each: test/gate/examples.test.ts or test/deploy/examples.long.test.ts', () => {
    const typed = [...EXAMPLES_AT_HOME, ...SCRIPT.filter(({ example }) => example)].map(({ line }) => line);
    expect(typed.toSorted()).toEqual(EXAMPLES.map(({ line }) => line).toSorted());
  });
});

describe('the dialogues of test/transcripts', () => {
  it('are typed by a test, each', () => {
    expect(Object.values(DIALOGUES).flat().toSorted()).toEqual(dialogueNames());
  });
});
