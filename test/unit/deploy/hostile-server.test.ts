import { describe, expect, it } from 'vitest';
import { CLICKABLE, NASTY, OBEYED, type Treatment } from '../../rig/hostile-server.ts';
import { meet, meetUnharmed, type Name, SECRETS, TYPED } from './hostile-scene.ts';

/* More tricks of such a server: hostile-server.long.test.ts. */
describe('a hostile server', () => {
  it('would be obeyed, and clicked', () => {
    expect(NASTY).toMatch(OBEYED);
    expect(NASTY).toMatch(CLICKABLE);
  });

  it.each<[Treatment, Name, RegExp]>([
    ['disconnects', 'deploy', /no SSH connection to 127\.0\.0\.1.*\nThe reason given was ".*Host key storage/],
    ['asks', 'deploy', /dev@evil: .*Host key storage.*logging in as dev failed/s],
    ['refuses to jump', 'deploy', /The jump host said ".*Host key storage/],
    ['never ends', 'deploy', /sent too much output, so the connection was closed/],
    ['babbles', 'deploy', /inspecting the server failed\..*It said:.*Host key storage/s],
    ['runs another command', 'deploy', /does not run the commands that it is given\..*Welcome to the menu/s],
    ['runs another command', 'gate', /does not run the commands that it is given/],
    ['re-keys with another host key', 'deploy', /the connection broke off/],
    ['forges its line', 'rotate', /its key is that of other already/],
  ])('that %s at %s: says nothing that is obeyed, learns no secret, changes nothing here', meetUnharmed);

  it("that asks a question gets the person's answer, and nothing else", async () => {
    const { received } = await meet('asks', 'gate');
    expect(received).toContain(TYPED);
    for (const secret of SECRETS) expect(received).not.toContain(secret);
  });

  it('that answers a subcommand with other text: its text is shown without characters that a terminal obeys', async () => {
    const { said, before, after } = await meet('babbles', 'gate');
    expect(said).toContain('Host key storage');
    expect(said).not.toMatch(OBEYED);
    expect(after).toEqual(before);
  });
});
