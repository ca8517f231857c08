import { describe, expect, it } from 'vitest';
import { type NoiseKeys, readMessage, writeMessage } from '../../../src/spa/noise.ts';
import published from '../../vectors/noise-k.json';
import { bytesOf, flipped, hex, PROVIDERS, unhex } from './support.ts';

describe.each(PROVIDERS)('published Noise vectors with $name', ({ crypto }) => {
  describe.each(published.vectors)('$protocol_name', (vector) => {
    const responderPrivate = unhex(vector.resp_static);
    const psk = vector.init_psks?.[0];
    const keys: NoiseKeys = {
      prologue: unhex(vector.init_prologue),
      initiator: crypto.publicKey(unhex(vector.init_static)),
      responder: unhex(vector.init_remote_static),
      staticShared: crypto.agree(unhex(vector.init_static), unhex(vector.init_remote_static)),
      ...(psk === undefined ? {} : { psk: unhex(psk) }),
    };
    // The one-way message is message 0; the others belong to the transport that may follow it.
    const [message] = vector.messages;
    if (message === undefined) throw new Error('vector without a message');
    const ciphertext = unhex(message.ciphertext);

    it('writes message 0', () => {
      const written = writeMessage(crypto, keys, unhex(vector.init_ephemeral), unhex(message.payload));
      expect(hex(written.bytes)).toBe(message.ciphertext);
      expect(hex(written.handshakeHash)).toBe(vector.handshake_hash);
    });

    it('reads message 0 back, with the keys as the responder has them', () => {
      const staticShared = crypto.agree(responderPrivate, unhex(vector.resp_remote_static));
      const responder = crypto.publicKey(responderPrivate);
      const atResponder = { ...keys, initiator: unhex(vector.resp_remote_static), responder, staticShared };
      const read = readMessage(crypto, atResponder, responderPrivate, ciphertext);
      expect(hex(read.bytes)).toBe(message.payload);
      expect(hex(read.handshakeHash)).toBe(vector.handshake_hash);
    });

    it('every key and the prologue count', () => {
      const altered: NoiseKeys[] = [
        { ...keys, prologue: flipped(keys.prologue, 3) },
        { ...keys, prologue: new Uint8Array(0) },
        { ...keys, initiator: flipped(keys.initiator, 255) },
        { ...keys, responder: flipped(keys.responder, 255) },
        { ...keys, staticShared: flipped(keys.staticShared, 0) },
        { ...keys, psk: bytesOf('another psk') },
      ];
      for (const wrong of altered) expect(() => readMessage(crypto, wrong, responderPrivate, ciphertext)).toThrow();
      expect(() => readMessage(crypto, keys, bytesOf('another gate'), ciphertext)).toThrow();
    });

    it('a message cut short throws', () => {
      for (let length = 0; length < ciphertext.length; length++)
        expect(() => readMessage(crypto, keys, responderPrivate, ciphertext.subarray(0, length))).toThrow();
    });
  });

  it('covers both patterns', () => {
    expect(published.vectors.map((vector) => vector.protocol_name)).toEqual([
      'Noise_K_25519_AESGCM_SHA256',
      'Noise_Kpsk0_25519_AESGCM_SHA256',
    ]);
  });

  it('a psk of zeros is not the same as no psk: the pattern differs', () => {
    const keys = {
      prologue: new Uint8Array(0),
      initiator: crypto.publicKey(bytesOf('initiator')),
      responder: crypto.publicKey(bytesOf('responder')),
      staticShared: crypto.agree(bytesOf('initiator'), crypto.publicKey(bytesOf('responder'))),
    };
    const { bytes } = writeMessage(crypto, keys, bytesOf('ephemeral'), new Uint8Array(8));
    expect(() => readMessage(crypto, { ...keys, psk: new Uint8Array(32) }, bytesOf('responder'), bytes)).toThrow();
  });
});
