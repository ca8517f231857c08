import { type Family, isIPv4, parseAddress } from '../base/addresses.ts';
import { KNOCKER, type Refusal, type Rule, refused } from './rule.ts';

/** Reads the value of `-s` of iptables: addresses and networks with commas between them. One must contain the knocker. */
export function iptablesSource(text: string, family: Family): Rule['source'] | Refusal {
  const most = family === 'ipv4' ? 32 : 128;
  const isKnocker = (each: string): boolean => {
    const [host, mask = String(most), ...more] = each.split('/');
    if (host !== KNOCKER || more.length > 0) return false;
    // A network around `%IP%` contains the knocker as well. A prefix of 0 bits means everybody. A dotted mask is for IPv4
    // only.
    if (mask === '255.255.255.255') return family === 'ipv4';
    return /^[1-9][0-9]{0,2}$/.test(mask) && Number(mask) <= most;
  };
  const everybody = family === 'ipv4' ? ['0.0.0.0/0', '0/0', `${KNOCKER}/0`] : ['::/0', `${KNOCKER}/0`];
  const sources = text.split(',');
  const isForAll = sources.some((each) => everybody.includes(each));
  if (!isForAll && !sources.some(isKnocker)) return refused(`it lets in ${text}, not who has knocked`);
  const wrong = sources.find((each) => !everybody.includes(each) && !isKnocker(each) && !isNetwork(each, family));
  if (wrong !== undefined) return refused(`“${wrong}” is not an address`);
  return isForAll ? 'anybody' : 'knocker';
}

/** `192.0.2.0/24` */
function isNetwork(text: string, family: Family): boolean {
  const [host = '', length = '0', ...more] = text.split('/');
  const address = parseAddress(host);
  const isFitting = address !== undefined && isIPv4(address) === (family === 'ipv4');
  const most = family === 'ipv4' ? 32 : 128;
  return isFitting && /^[0-9]{1,3}$/.test(length) && Number(length) <= most && more.length === 0;
}
