import type { LinkParts } from '../../spa/enrolment-link.ts';
import { showProblem } from '../ask/show-problem.ts';
import type { Parts } from '../parts.ts';
import { loadCommands } from '../register-commands.ts';

type Needed = Pick<Parts, 'crypto' | 'hosts' | 'log' | 'showLog'>;

/** Opens links that add a gate. Each asks first, and only one at a time. */
export function gateLinkHandler(parts: Needed): { readonly handleUri: (uri: LinkParts) => Promise<void> } {
  let isAsking = false;
  const handleUri = async (uri: LinkParts) => {
    // A web page could open a hundred links: the first question stays.
    if (isAsking) return parts.log.warn('link: another question is open; not looked at');
    isAsking = true;
    try {
      const { openGateLink } = await loadCommands();
      await openGateLink(parts, uri);
    } catch (error) {
      showProblem(error, parts.log, parts.showLog);
    } finally {
      isAsking = false;
    }
  };
  return { handleUri };
}
