/** The beginning of an HTTP/1 request (RFC 9112): what it asks for, of which host, and who says to ask. */

export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly userAgent: string | undefined;
}

const REQUEST_LINE = /^([A-Z]{3,10}) (\S{1,2000}) HTTP\/1\.[01]$/;
const METHOD = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) /;

/** Whether what has come so far may be the beginning of one. */
export const looksLikeHttp = (data: Buffer): boolean => METHOD.test(data.toString('latin1', 0, 8));

/** The headers are whole. */
export const isWholeHttp = (data: Buffer): boolean => data.includes('\r\n\r\n');

export const parseHttp = (data: Buffer): HttpRequest | undefined => {
  const [first = '', ...lines] = data.toString('latin1').split('\r\n');
  const [, method, target] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const end = lines.indexOf('');
  const headers = lines.slice(0, end === -1 ? undefined : end);
  const header = (name: string) =>
    headers
      .find((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`)
      ?.slice(name.length + 1)
      .trim();
  return { method, target, host: header('host'), userAgent: header('user-agent') };
};

/** Clients give up on it politely; a success would have them go on. */
export const UNAVAILABLE = Buffer.from(
  'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
);
