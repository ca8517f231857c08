import { readFileSync, writeFileSync } from 'node:fs';

/** The record at the end of a ZIP archive, and that of each file in its directory: signature and length without names. */
const END = { signature: 0x06054b50, length: 22 };
const FILE = { signature: 0x02014b50, length: 46 };

/** A file that everybody may read and its owner may write, as a ZIP archive made on Unix has it in the upper half of 32 bits. */
const MODE = 0o100644 * 0x10000;

/** The names of the files in a VSIX, which is a ZIP archive, in alphabetical order. */
export function vsixContents(path) {
  return entriesOf(path, readFileSync(path))
    .map(({ name }) => name)
    .sort();
}

/** Gives each file of a VSIX the same mode, whatever it had where it was packed. */
export function setModes(path) {
  const bytes = readFileSync(path);
  for (const { at } of entriesOf(path, bytes)) bytes.writeUInt32LE(MODE, at + 38);
  writeFileSync(path, bytes);
}

/** Name and place of each record in the archive's directory. */
function entriesOf(path, bytes) {
  // A packed extension has no comment at its end.
  const end = bytes.length - END.length;
  if (end < 0 || bytes.readUInt32LE(end) !== END.signature) throw new Error(`${path} is not a ZIP archive`);
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== FILE.signature) throw new Error(`${path} has a broken directory`);
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    entries.push({ at, name: bytes.toString('utf8', at + FILE.length, at + FILE.length + name) });
    at += FILE.length + name + extra + comment;
  }
  return entries;
}
