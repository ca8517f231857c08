import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch } from './cleanup.ts';
import { must, runHere } from './process.ts';

/** A key of GnuPG, made for tests. */
export interface GnupgKey {
  readonly name: string;
  /** In small letters. */
  readonly fingerprint: string;
  /** ASCII-armoured. */
  readonly public: string;
  readonly secret: string;
}

/** A folder of GnuPG with keys of its own, which it all trusts, since it made them. */
export class GnupgHome {
  private readonly scratch = scratch('gnupg');
  readonly dir: string;

  /** @param dir its folder, where somebody's gpg looks for it; undefined for one of its own */
  constructor(dir?: string) {
    this.dir = dir ?? this.scratch.dir;
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
  }

  /**
   * Makes a key that signs and is encrypted to.
   * @param algorithm as `gpg --quick-generate-key` takes it: `rsa2048`; `future-default` for curves
   */
  async make(name: string, algorithm: string, passphrase = ''): Promise<GnupgKey> {
    const usage = algorithm.startsWith('rsa') ? 'encrypt,sign' : 'default';
    await this.gpg(passphrase, '--quick-generate-key', `${name} <${name}@test.invalid>`, algorithm, usage, 'never');
    const listed = await this.gpg('', '--with-colons', '--list-keys', name);
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '';
    const open = await this.gpg('', '--export', name);
    const secret = await this.gpg(passphrase, '--export-secret-keys', name);
    return { name, fingerprint: fingerprint.toLowerCase(), public: open, secret };
  }

  /**
   * Imports another public key, and signs it, as fwknop's documentation asks of both sides.
   * @param passphrase of the key that is in this folder
   */
  async trust({ name, fingerprint, public: open }: GnupgKey, passphrase = ''): Promise<void> {
    const file = join(this.dir, `${name}.asc`);
    writeFileSync(file, open);
    await this.gpg('', '--import', file);
    rmSync(file);
    await this.gpg(passphrase, '--yes', '--quick-lsign-key', fingerprint);
  }

  /** Ends the agents that gpg has started. */
  async end(): Promise<void> {
    await runHere(['gpgconf', '--homedir', this.dir, '--kill', 'all']);
    rmSync(this.dir, { recursive: true, force: true });
    this.scratch.discard();
  }

  private gpg(passphrase: string, ...args: string[]): Promise<string> {
    const always = ['--batch', '--quiet', '--armor', '--pinentry-mode', 'loopback', '--passphrase', passphrase];
    return must(['gpg', '--homedir', this.dir, ...always, ...args], { timeout: 60_000 });
  }
}
