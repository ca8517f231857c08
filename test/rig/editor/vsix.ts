import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** An extension that a test makes up: its manifest, and its program as CommonJS text. */
export interface MadeUpExtension {
  publisher: string;
  name: string;
  /** More of the manifest. */
  manifest?: Record<string, unknown>;
  main: string;
}

/** Identifier of an extension, as editors write it. */
export const idOf = ({ publisher, name }: MadeUpExtension) => `${publisher}.${name}`;

/** Packs an extension so that an editor installs it. */
export function writeVsix(file: string, extension: MadeUpExtension): void {
  const { publisher, name, manifest, main } = extension;
  const engines = { vscode: '^1.100.0' };
  const own = { publisher, name, version: '1.0.0', engines, main: './main.js', ...manifest };
  const packed = zip(
    new Map([
      ['extension/package.json', JSON.stringify(own)],
      ['extension/main.js', main],
      ['extension.vsixmanifest', vsixManifest(extension)],
    ]),
  );
  writeFileSync(file, packed);
}

function vsixManifest({ publisher, name }: MadeUpExtension): string {
  const identity = `<Identity Language="en-US" Id="${name}" Version="1.0.0" Publisher="${publisher}"/>`;
  const asset = '<Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/>';
  const schema = 'http://schemas.microsoft.com/developer/vsx-schema/2011';
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="${schema}"><Metadata>${identity}<DisplayName>${name}</DisplayName></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/><Assets>${asset}</Assets></PackageManifest>`;
}

/** Files one after another, as they are, with the directory that the format wants at the end. */
function zip(files: ReadonlyMap<string, string>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of files) {
    const name = Buffer.from(path);
    const data = Buffer.from(text);
    const common = header(data, name);
    const local = Buffer.concat([u32(0x04034b50), common, name, data]);
    // No comment, disk or attributes; then the position of the file.
    const rest = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)]);
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), common, rest, name]));
    bodies.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const counts = [u16(0), u16(0), u16(files.size), u16(files.size), u32(index.length), u32(offset), u16(0)];
  return Buffer.concat([...bodies, index, u32(0x06054b50), ...counts]);
}

/** Fields that the local header and the directory share: version 2.0, stored, 1 January 1980. */
function header(data: Buffer, name: Buffer): Buffer {
  const sizes = [u32(crc32(data)), u32(data.length), u32(data.length)];
  return Buffer.concat([u16(20), u16(0), u16(0), u16(0), u16(0x21), ...sizes, u16(name.length), u16(0)]);
}

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
