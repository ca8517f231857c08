import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { layParcel, tokenOf } from '../../../rig/fleet-store.ts';
import { temporaryFolder } from '../support.ts';
import { OTHER_GATES_PERSON, ofOtherGate, present } from './sets.ts';

it('a gate can read nobody of another gate, in all bytes of a store but those below the other one’s token', () => {
  const store = temporaryFolder();
  layParcel(store, 'web1', present);
  layParcel(store, 'web2', ofOtherGate);
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const { id, key } = OTHER_GATES_PERSON;
  const telling = (path: string) => [id, key].some((secret) => readFileSync(path, 'utf8').includes(secret));
  const found = files.filter(telling);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter((path) => !path.includes(`/part/${tokenOf('web2')}/`))).toEqual([]);
  // Nor does a file say what the other one's token is.
  expect(files.filter((path) => readFileSync(path, 'utf8').includes(tokenOf('web2')))).toEqual([]);
});
