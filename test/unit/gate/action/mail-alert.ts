import { ALERT_EVENTS, type ConfiguredAlert } from '../../../../server-helper/config/alert-config.ts';

/** An alert for every event. */
export const MAIL: ConfiguredAlert = {
  name: 'mail',
  events: ALERT_EVENTS,
  run: ['/bin/mail'],
  user: 'nobody',
  input: 'mail',
  every: 60,
  timeout: 30,
  memory: 256,
};
