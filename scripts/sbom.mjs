import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALLOWED_BESIDE, bundledPackages, packageOf, readNotice } from './notices.mjs';

const FOLDER = 'node_modules/';

/**
 * The packages in bundles and beside them, as CycloneDX 1.5 in JSON: the same bytes for equal bundles. It has no date, no serial
 * number and no download address; the format asks for none of them.
 * @param libraries files of packages that are shipped as they came
 */
export function sbom(root, metafiles, libraries) {
  const { name, version, license } = readJson(root, 'package.json');
  const { packages } = readJson(root, 'package-lock.json');
  const bundled = bundledPackages(metafiles).map((folder) => [folder, readNotice(root, folder)]);
  const beside = libraries.map(packageOf).map((folder) => [folder, readNotice(root, folder, ALLOWED_BESIDE)]);
  const components = [...bundled, ...beside].map(([folder, notice]) => component(folder, notice, packages));
  const self = { type: 'application', 'bom-ref': `${name}@${version}`, name, version, licenses: licences(license) };
  const text = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: self },
    components,
    dependencies: [{ ref: self['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }],
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

const readJson = (root, path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

const licences = (id) => [{ license: { id } }];

/** A package, with the hash of its archive that the lock demands. */
function component(folder, { name, version, license }, packages) {
  // The folder may be elsewhere: node_modules can be a link.
  const locked = packages[folder.slice(folder.indexOf(FOLDER))];
  const hash = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(locked?.integrity)?.[1];
  if (locked?.version !== version || hash === undefined) {
    throw new Error(`package-lock.json has no SHA-512 of ${name} ${version}: run npm ci`);
  }
  const [last, group] = name.split('/').reverse();
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    ...(group && { group }),
    name: last,
    version,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }],
    licenses: licences(license),
    purl,
  };
}
