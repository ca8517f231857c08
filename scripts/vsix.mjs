import { readFileSync } from 'node:fs';

/** The record at the end of a ZIP archive, and that of each file in its directory: signature and length without names. */
const END = { signature: 0x06054b50, length: 22 };
const FILE = { signature: 0x02014b50, length: 46 };

/** The names of the files in a VSIX, which is a ZIP archive, in alphabetical order. */
export function vsixContents(path) {
  const bytes = readFileSync(path);
  // A packed extension has no comment at its end.
  const end = bytes.length - END.length;
  if (end < 0 || bytes.readUInt32LE(end) !== END.signature) throw new Error(`${path} is not a ZIP archive`);
  const names = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== FILE.signature) throw new Error(`${path} has a broken directory`);
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    names.push(bytes.toString('utf8', at + FILE.length, at + FILE.length + name));
    at += FILE.length + name + extra + comment;
  }
  return names.sort();
}
