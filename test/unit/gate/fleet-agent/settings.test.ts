import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../../server-helper/fleet-agent/settings.ts';
import { tokenOf } from '../../../rig/fleet-store.ts';

const TOKEN = tokenOf('web1');
const read = (text: string) => parseSettings(text, 'fleet.toml');
const withLines = (...lines: string[]) => read(['[store]', 'gate = "web1"', `token = "${TOKEN}"`, ...lines].join('\n'));

describe('settings of the agent', () => {
  it('name a folder', () => {
    expect(withLines('folder = "/srv/fleet"')).toEqual({
      gate: 'web1',
      token: TOKEN,
      poll: 60,
      source: { folder: '/srv/fleet' },
    });
  });

  it('name an address, its authority and the distance of polls', () => {
    const settings = withLines('url = "https://store.example.net/fleet/"', 'ca = "/etc/knockgate/ca.pem"', 'poll = 20');
    expect(settings.poll).toBe(20);
    expect(settings.source).toEqual({
      url: new URL('https://store.example.net/fleet/'),
      caFile: '/etc/knockgate/ca.pem',
    });
  });

  const bad: Record<string, [() => unknown, RegExp]> = {
    'no source': [() => withLines(), /either folder or url/],
    'both sources': [() => withLines('folder = "/a"', 'url = "https://a/"'), /either folder or url/],
    'a relative folder': [() => withLines('folder = "fleet"'), /an absolute path/],
    'no encryption': [() => withLines('url = "http://a/"'), /https:/],
    'no slash at its end': [() => withLines('url = "https://a/fleet"'), /https:/],
    'a password': [() => withLines('url = "https://a:b@c/"'), /https:/],
    'no address': [() => withLines('url = "store"'), /https:/],
    'an authority for a folder': [() => withLines('folder = "/a"', 'ca = "/b"'), /ca belongs to url/],
    'too short a distance': [() => withLines('folder = "/a"', 'poll = 1'), /a whole number from 2 to 3600/],
    'an unknown key': [() => withLines('folder = "/a"', 'pol = 60'), /unknown key pol/],
    'another table': [() => withLines('folder = "/a"', '[other]'), /one \[store\] is expected/],
    'no table': [() => read(''), /should begin with \[store\]/],
    'no gate': [() => read(`[store]\ntoken = "${TOKEN}"\nfolder = "/a"`), /gate is missing/],
  };
  for (const [name, [reading, why]] of Object.entries(bad))
    it(`are refused with ${name}`, () => {
      expect(reading).toThrow(why);
    });

  it('do not repeat a token that is wrong', () => {
    const wrong = '[store]\ngate = "web1"\ntoken = "SECRET"\nfolder = "/a"';
    expect(() => read(wrong)).toThrow(/token/);
    expect(() => read(wrong)).not.toThrow(/SECRET/);
  });
});
