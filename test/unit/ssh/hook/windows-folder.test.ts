import { describe, expect, it } from 'vitest';
import { pathForSsh, shortPathOf, windowsFolders } from '../../../../src/ssh/hook/windows-folder.ts';

const CODE = 'AppData\\Roaming\\Code\\User\\globalStorage\\knockgate.knockgate';

/** The folder of the hook for a person with that profile, on a disk with these short names. */
function chosen(profile: string, shortNames: Record<string, string> = {}, local = `${profile}\\AppData\\Local`) {
  const shortPath = (path: string) => {
    const found = Object.entries(shortNames).find(([long]) => path.startsWith(long));
    return found === undefined ? path : found[1] + path.slice(found[0].length);
  };
  return pathForSsh(windowsFolders(`${profile}\\${CODE}`, { LOCALAPPDATA: local }), shortPath);
}

describe('the folder of the hook on Windows', () => {
  it.each(['C:\\Users\\alice', 'C:\\Users\\Jörg', 'D:\\p\\alice+bob@x'])('is the extension’s own in %s', (profile) => {
    expect(chosen(profile)).toBe(`${profile}\\${CODE}\\ssh-hook`);
  });

  it.each([
    ['C:\\Users\\Jörg Müller', 'C:\\Users\\JRGMLL~1'],
    ['C:\\Users\\alice&bob', 'C:\\Users\\ALICE_~1'],
    ['D:\\a(1)', 'D:\\A_1_~1'],
  ])('is called by its short name where cmd.exe does not take %s', (profile, short) => {
    expect(chosen(profile, { [profile]: short })).toBe(`${short}\\${CODE}\\ssh-hook`);
  });

  it.each(['\\\\server\\home\\alice', 'D:\\a(1)'])(
    'is on the local disk where the profile %s cannot be called',
    (profile) => {
      expect(chosen(profile, {}, 'C:\\Users\\alice\\AppData\\Local')).toMatch(
        /^C:\\Users\\alice\\AppData\\Local\\knockgate\\ssh-hook-[0-9a-f]{16}$/,
      );
    },
  );

  it('is another for each editor', () => {
    const local = (storage: string) => windowsFolders(storage, { LOCALAPPDATA: 'C:\\L' })[1];
    expect(local('C:\\a')).not.toBe(local('C:\\b'));
  });

  it('is nowhere without a short name', () => {
    expect(chosen('C:\\Users\\Jörg Müller')).toBeUndefined();
    expect(windowsFolders('C:\\x', {})).toEqual(['C:\\x\\ssh-hook']);
  });
});

describe('asking Windows for a short path', () => {
  it('gets no answer without cmd.exe', () => {
    expect(shortPathOf('C:\\nowhere', { PATH: '', SystemRoot: 'C:\\nowhere' })).toBeUndefined();
  });
});
