import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that may go into a bundle under ours, MIT, with nothing asked but a notice. */
const ALLOWED = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense']);

/** Folders of the npm packages that really contribute bytes to a bundle, out of esbuild's metafiles. */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].sort();
}

/** Name, version, licence and licence text of a package; throws when the licence is not an allowed one. */
export function readNotice(root, folder) {
  const {
    name,
    version,
    license: said,
    licenses,
  } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  // Older packages have a list.
  const license = said ?? licenses?.[0]?.type;
  if (!ALLOWED.has(license)) {
    throw new Error(`${name} ${version} is under ${license ?? 'no licence'}; allowed are ${[...ALLOWED].join(', ')}`);
  }
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
  if (!file || !existsSync(join(root, folder, file))) throw new Error(`${name} ${version} ships no licence text`);
  return { name, version, license, text: readFileSync(join(root, folder, file), 'utf8').trim() };
}

/** The notices as text, the same for equal bundles. */
export function notices(root, metafiles) {
  const each = bundledPackages(metafiles).map((folder) => readNotice(root, folder));
  const chapters = each.map(({ name, version, license, text }) => {
    return `## ${name} ${version}\n\nLicence: ${license}\n\n\`\`\`\n${text}\n\`\`\`\n`;
  });
  const head = '# Third-party notices\n\nKnockgate is MIT-licensed. Its programs contain code of these packages:\n';
  return [head, ...chapters].join('\n');
}
