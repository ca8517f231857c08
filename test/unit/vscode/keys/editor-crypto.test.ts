import { describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { isSound } from '../../../../src/spa/known-answers.ts';
import { editorCrypto } from '../../../../src/vscode/keys/editor-crypto.ts';

describe('the cryptography of an editor', () => {
  it('is its own where that is sound', async () => {
    expect(await editorCrypto()).toBe(nodeCrypto);
  });

  it('is that of the noble libraries where it is not', async () => {
    const lacking = { ...nodeCrypto, sha256: (data: Uint8Array) => data };
    const chosen = await editorCrypto(lacking);
    expect(chosen).not.toBe(lacking);
    expect(isSound(chosen)).toBe(true);
  });
});
