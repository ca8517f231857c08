import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootId, parseBootId } from '../../../server-helper/boot-id.ts';

const ID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

describe('the id of a boot', () => {
  it('is what the unit hands over, with hyphens or without', () => {
    const bytes = Uint8Array.from(Buffer.from(ID.replaceAll('-', ''), 'hex'));
    for (const text of [ID, `${ID}\n`, ID.replaceAll('-', '')]) expect(parseBootId(text)).toEqual(bytes);
    expect(bootId({ KNOCKGATE_BOOT_ID: ID })).toEqual(bytes);
  });

  it('is handed over by the unit', () => {
    const unit = readFileSync('server-helper/systemd/knockgate.service', 'utf8');
    expect(unit).toMatch(/^\[Service\]\n(?:(?!\[).*\n)*Environment=KNOCKGATE_BOOT_ID=%b$/m);
  });

  it.each(['', '%b', 'x'.repeat(32), ID.slice(1), `${ID}0`, ID.replace('-', '')])('is unknown in "%s"', (text) => {
    expect(parseBootId(text)).toBeUndefined();
  });
});
