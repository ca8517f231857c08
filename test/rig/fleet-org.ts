import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { concat, toBase64Url, utf8 } from '../../src/base/bytes.ts';
import { writeClosed } from '../../src/fleet/closed-json.ts';
import type { Device, GateDocument, Head, Revocation, Role, Root, Rule, Team } from '../../src/fleet/documents.ts';
import { type ListedGate, listPartOf, listsOf } from '../../src/fleet/list.ts';
import type { Parcel, Signed } from '../../src/fleet/parcel.ts';
import { formatSignerKey, keyId, readKeyBlob, type SignerKey, sshString } from '../../src/fleet/signer-key.ts';
import { armoured, signedBytes } from '../../src/fleet/sshsig.ts';
import { nodeVerifier } from '../../src/fleet/verify-node.ts';

/** DER header of a private Ed25519 key (RFC 8410): Node takes raw keys only inside PKCS #8. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Type of a hardware key, and what it signs for. Here it is software: there is none at hand. */
const HARDWARE = 'sk-ssh-ed25519@openssh.com';
const APPLICATION = 'ssh:';

/** Somebody who signs in tests, with an Ed25519 key that depends on the id alone. */
export class TestSigner {
  readonly id: string;
  readonly key: SignerKey;
  private readonly privateKey: KeyObject;
  /** Flags that a hardware key tells, 1 for a touch; undefined: it is a key in a file. */
  private readonly flags: number | undefined;

  constructor(id: string, flags?: number) {
    const seed = createHash('sha256').update(`signer ${id}`).digest();
    this.privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' });
    const { x = '' } = createPublicKey(this.privateKey).export({ format: 'jwk' });
    const point = sshString(Buffer.from(x, 'base64url'));
    const blob =
      flags === undefined
        ? concat(sshString('ssh-ed25519'), point)
        : concat(sshString(HARDWARE), point, sshString(APPLICATION));
    const key = readKeyBlob(blob);
    if (key === undefined) throw new Error('the key just made is none');
    this.id = id;
    this.key = key;
    this.flags = flags;
  }

  get keyText(): string {
    return formatSignerKey(this.key);
  }

  get keyId(): string {
    return keyId(this.key, nodeVerifier.sha256);
  }

  sign(text: string, namespace: string): string {
    const signed = signedBytes(nodeVerifier, { namespace, hash: 'sha512' }, utf8(text));
    const version = Uint8Array.of(0, 0, 0, 1);
    const parts = [this.key.blob, namespace, '', 'sha512', this.signatureOf(signed)].map(sshString);
    return armoured(concat(utf8('SSHSIG'), version, ...parts));
  }

  private signatureOf(signed: Uint8Array): Uint8Array {
    if (this.flags === undefined)
      return concat(sshString('ssh-ed25519'), sshString(sign(null, signed, this.privateKey)));
    const { sha256 } = nodeVerifier;
    const flagsAndCounter = Uint8Array.of(this.flags, 0, 0, 0, 7);
    const bytes = concat(sha256(utf8(APPLICATION)), flagsAndCounter, sha256(signed));
    return concat(sshString(HARDWARE), sshString(sign(null, bytes, this.privateKey)), flagsAndCounter);
  }
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const pointerTo = (text: string) => ({ hash: hashOf(text), length: Buffer.byteLength(text) });

/** Time at which the documents of tests are issued, and a year. */
export const ISSUED = 1_800_000_000;
export const YEAR = 365 * 86_400;

export interface TestGate {
  id: string;
  key: string;
  rules?: Rule[];
  breakGlass?: string[];
  teams: Record<string, Device[]>;
}

const role = (people: readonly TestSigner[], threshold = 1): Role => ({
  threshold,
  people: people.map(({ id }) => id).sort(),
});

/** An organization in tests: signs whatever it is asked to. */
export class TestOrg {
  readonly roots: Signed[] = [];
  root: Root;
  readonly org: string;

  constructor(people: readonly TestSigner[], more: Partial<Root> = {}, signers = people) {
    this.root = {
      format: 1,
      type: 'root',
      org: '',
      number: 1,
      issued: ISSUED,
      expires: ISSUED + YEAR,
      name: 'example',
      cap: 10,
      people: people.map(({ id, keyText }) => ({ id, keys: [keyText] })).sort((a, b) => (a.id < b.id ? -1 : 1)),
      root: role(people),
      policy: role(people),
      revoke: role(people).people,
      ...more,
    };
    const text = writeClosed(this.root);
    this.org = hashOf(text);
    this.roots.push(signedBy(text, 'root', signers));
  }

  /** Adds a root. */
  next(more: Partial<Root>, signers: readonly TestSigner[]): void {
    this.root = { ...this.root, org: this.org, number: this.root.number + 1, ...more };
    this.roots.push(signedBy(writeClosed(this.root), 'root', signers));
  }

  head(gates: readonly TestGate[], more: Partial<Head>, signers: readonly TestSigner[]): TestHead {
    const made = gates.map((gate) => ({ gate, ...this.documents(gate) }));
    const listed: ListedGate[] = made
      .map(({ gate, gateText }) => ({ ...pointerTo(gateText), id: gate.id }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const lists = listsOf(listed, nodeVerifier.sha256);
    const head: Head = {
      format: 1,
      type: 'head',
      org: this.org,
      number: 1,
      issued: ISSUED,
      expires: ISSUED + YEAR,
      root: this.root.number,
      lists: lists.map(pointerTo),
      policy: hashOf('policy'),
      compiler: '1',
      folded: [],
      ...more,
    };
    const parcelFor = (id: string): Parcel => {
      const own = made.find(({ gate }) => gate.id === id);
      return {
        roots: this.roots,
        head: signedBy(writeClosed(head), 'head', signers),
        list: lists[listPartOf(id, lists.length, nodeVerifier.sha256)] ?? '',
        gate: own?.gateText ?? '',
        teams: own?.teamTexts ?? [],
        revs: [],
      };
    };
    return { head, parcelFor };
  }

  revocation(signer: TestSigner, number: number, what: Revocation['what'], id: string): Signed {
    const rev: Revocation = {
      format: 1,
      type: 'rev',
      org: this.org,
      key: signer.keyId,
      number,
      issued: ISSUED,
      what,
      id,
    };
    return signedBy(writeClosed(rev), 'rev', [signer]);
  }

  private documents({ id, key, rules = [], breakGlass = [], teams }: TestGate): {
    gateText: string;
    teamTexts: string[];
  } {
    const names = Object.keys(teams).sort();
    const teamTexts = names.map((name) => {
      const devices = [...(teams[name] ?? [])].sort((a, b) => (deviceName(a) < deviceName(b) ? -1 : 1));
      const team: Team = { format: 1, type: 'team', org: this.org, id: name, salt: saltOf(`team ${name}`), devices };
      return writeClosed(team);
    });
    const gate: GateDocument = {
      format: 1,
      type: 'gate',
      org: this.org,
      id,
      key,
      salt: saltOf(`gate ${id}`),
      teams: names.map((name, i) => ({ id: name, ...pointerTo(teamTexts[i] ?? '') })),
      rules,
      breakGlass: [...breakGlass].sort(),
      group: '',
    };
    return { gateText: writeClosed(gate), teamTexts };
  }
}

export interface TestHead {
  readonly head: Head;
  parcelFor(id: string): Parcel;
}

function signedBy(text: string, purpose: string, signers: readonly TestSigner[]): Signed {
  return { text, signatures: signers.map((signer) => signer.sign(text, `knockgate-${purpose}`)) };
}

const deviceName = ({ person, device }: Device): string => `${person}/${device}`;

function saltOf(text: string): string {
  return toBase64Url(createHash('sha256').update(text).digest().subarray(0, 16));
}

/** A rule with nothing special. */
export function ruleFor(team: string, more: Partial<Rule> = {}): Rule {
  return { team, ports: [], sources: [], hours: [], longest: 300, ...more };
}
