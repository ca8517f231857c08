import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Licences that may go into a bundle under ours, MIT, with nothing asked but a notice. */
const ALLOWED = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense']);

/** Licences of files that are shipped as they came, and can be exchanged; a notice must have these texts besides. */
export const ALLOWED_BESIDE = { 'LGPL-3.0+': ['scripts/licences/GPL-3.0.txt'] };

/** Folders of the npm packages that really contribute bytes to a bundle, out of esbuild's metafiles. */
export function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = packageOf(path);
        if (folder && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].sort();
}

/** The folder of the npm package that a file is part of. */
export function packageOf(path) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/**
 * Name, version, licence and licence text of a package; throws when the licence is not an allowed one.
 * @param beside licences that are allowed as well, with the texts that they need besides
 */
export function readNotice(root, folder, beside = {}) {
  const {
    name,
    version,
    license: said,
    licenses,
  } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  // Older packages have a list.
  const license = said ?? licenses?.[0]?.type;
  if (!ALLOWED.has(license) && !(license in beside)) {
    throw new Error(`${name} ${version} is under ${license ?? 'no licence'}; allowed are ${[...ALLOWED].join(', ')}`);
  }
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
  if (!file || !existsSync(join(root, folder, file))) throw new Error(`${name} ${version} ships no licence text`);
  const texts = [join(folder, file), ...(beside[license] ?? [])].map((each) => readFileSync(join(root, each), 'utf8'));
  return { name, version, license, text: texts.map((each) => each.trim()).join('\n\n\n') };
}

/**
 * The notices as text, the same for equal bundles.
 * @param libraries files of packages that are shipped as they came
 */
export function notices(root, metafiles, libraries) {
  const bundled = bundledPackages(metafiles).map((folder) => chapter(readNotice(root, folder)));
  const beside = libraries.map((path) => {
    const notice = readNotice(root, packageOf(path), ALLOWED_BESIDE);
    return chapter({ ...notice, name: `${basename(path)}, of ${notice.name}` });
  });
  const head = '# Third-party notices\n\nKnockgate is MIT-licensed. Its programs contain code of these packages:\n';
  const between = 'Beside the programs lie these files, unchanged; another version can be put in their place:\n';
  return [head, ...bundled, between, ...beside].join('\n');
}

function chapter({ name, version, license, text }) {
  return `## ${name} ${version}\n\nLicence: ${license}\n\n\`\`\`\n${text}\n\`\`\`\n`;
}
