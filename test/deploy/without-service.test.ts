import { Target } from '../rig/target.ts';
import { describeWithoutService } from './without-service.ts';

describeWithoutService('a server whose init is not systemd', async () => {
  const target = await Target.boot({ name: 'noinit' });
  // The sign that systemd is in charge, sd_booted(3), and the program that talks to it.
  await target.must(['sh', '-c', 'mv /run/systemd/system /run/systemd/not-there; chmod -x /usr/bin/systemctl']);
  return target;
});
