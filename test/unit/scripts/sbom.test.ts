import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { sbom } from '../../../scripts/sbom.mjs';
import { temporaryFolder } from '../client/support.ts';

const INTEGRITY = `sha512-${Buffer.alloc(64, 0xab).toString('base64')}`;

/** A project with these packages in node_modules, each with a licence. */
function project(packages: Record<string, { version: string; license: string; integrity?: string }>): string {
  const root = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const locked: Record<string, object> = {};
  for (const [name, { version, license, integrity = INTEGRITY }] of Object.entries(packages)) {
    const folder = `node_modules/${name}`;
    write(`${folder}/package.json`, JSON.stringify({ name, version, license }));
    write(`${folder}/LICENSE`, 'the text');
    locked[folder] = { version, integrity, resolved: 'https://registry.example/archive.tgz' };
  }
  write('package.json', JSON.stringify({ name: 'ours', version: '1.0.0', license: 'MIT' }));
  write('package-lock.json', JSON.stringify({ packages: locked }));
  return root;
}

/** A bundle with so many bytes of each file. */
function bundle(inputs: Record<string, number>): Metafile {
  const parts = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]);
  return { inputs: {}, outputs: { out: { bytes: 1, inputs: Object.fromEntries(parts), imports: [], exports: [] } } };
}

describe('the list of what is bundled', () => {
  const metafile = bundle({ 'node_modules/@a/b/i.js': 9, 'node_modules/unused/i.js': 0, 'src/a.ts': 5 });
  const beside = ['node_modules/beside/i.js'];
  const example = () =>
    project({
      '@a/b': { version: '2.0.0', license: 'MIT' },
      unused: { version: '1.0.0', license: 'MIT' },
      beside: { version: '3.0.0', license: 'ISC' },
    });

  it('names each package of which there are bytes, and no other', () => {
    const hashes = [{ alg: 'SHA-512', content: 'ab'.repeat(64) }];
    const [ab, other] = ['pkg:npm/%40a/b@2.0.0', 'pkg:npm/beside@3.0.0'];
    const licenses = (id: string) => [{ license: { id } }];
    expect(JSON.parse(sbom(example(), [metafile], beside))).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'ours@1.0.0',
          name: 'ours',
          version: '1.0.0',
          licenses: licenses('MIT'),
        },
      },
      components: [
        {
          type: 'library',
          'bom-ref': ab,
          group: '@a',
          name: 'b',
          version: '2.0.0',
          hashes,
          licenses: licenses('MIT'),
          purl: ab,
        },
        {
          type: 'library',
          'bom-ref': other,
          name: 'beside',
          version: '3.0.0',
          hashes,
          licenses: licenses('ISC'),
          purl: other,
        },
      ],
      dependencies: [{ ref: 'ours@1.0.0', dependsOn: [ab, other] }],
    });
  });

  it('has no download address, and the same bytes each time', () => {
    const text = sbom(example(), [metafile], beside);
    expect(text).not.toContain('registry');
    expect(sbom(example(), [metafile], beside)).toBe(text);
  });

  it.each([
    ['a licence that is not allowed', { version: '1.0.0', license: 'GPL-2.0' }, /is under GPL-2.0/],
    ['a package without a hash', { version: '1.0.0', license: 'MIT', integrity: '' }, /no SHA-512 of c 1.0.0/],
    ['a hash of another kind', { version: '1.0.0', license: 'MIT', integrity: 'sha1-AAAA' }, /no SHA-512 of c 1.0.0/],
  ])('refuses %s', (_, c, expected) => {
    expect(() => sbom(project({ c }), [bundle({ 'node_modules/c/i.js': 1 })], [])).toThrow(expected);
  });
});
