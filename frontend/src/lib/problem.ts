/** A refusal or a failure of the API, as a person is told about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Stable word of the API, or `unreachable` when no answer came. */
  readonly code: string;
  /** One sentence per field of the form that caused it. */
  readonly fields: Readonly<Record<string, string>>;
  /** What an operator finds this by in the logs. */
  readonly requestId: string | null;

  constructor(facts: {
    status: number;
    code: string;
    detail: string;
    fields?: Record<string, string>;
    requestId?: string | null;
  }) {
    super(facts.detail);
    this.status = facts.status;
    this.code = facts.code;
    this.fields = facts.fields ?? {};
    this.requestId = facts.requestId ?? null;
  }

  /** Reads an answer that is not a success; tolerates bodies that are no problem+json. */
  static async from(response: Response): Promise<Problem> {
    const body = asRecord(await response.json().catch(() => null));
    const code = text(body.code) ?? fallbackCode(response.status);
    const detail = sentence(text(body.detail) ?? text(body.title) ?? fallbackDetail(response.status));
    return new Problem({
      status: response.status,
      code,
      detail: /again in/i.test(detail) ? detail : detail + waitHint(response),
      fields: readFields(body.fields),
      requestId: text(body.request_id),
    });
  }

  /** No answer came: the network, the server or a time-out. */
  static unreachable(): Problem {
    return new Problem({
      status: 0,
      code: 'unreachable',
      detail: 'The server does not answer. Check your connection, then try again.',
    });
  }

  /** Any thrown thing as a problem, so that every catch can show it. */
  static of(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    return new Problem({
      status: 0,
      code: 'unexpected',
      detail: 'Something went wrong on this page. Reload it and try again.',
    });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function readFields(value: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  if (!Array.isArray(value)) return fields;
  for (const entry of value.map(asRecord)) {
    const [field, detail] = [text(entry.field), text(entry.detail)];
    if (field && detail) fields[field] ??= sentence(detail);
  }
  return fields;
}

/** Upper case in front, a full stop behind. */
function sentence(words: string): string {
  const trimmed = words.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function waitHint(response: Response): string {
  const seconds = Number(response.headers.get('retry-after'));
  if (!Number.isFinite(seconds) || seconds <= 0) return '';
  return seconds < 90
    ? ` Try again in ${Math.ceil(seconds)} seconds.`
    : ` Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

function fallbackCode(status: number): string {
  return status >= 500 ? 'unavailable' : status === 404 ? 'not_found' : 'invalid_request';
}

function fallbackDetail(status: number): string {
  if (status === 404) return 'This does not exist, or no longer does';
  if (status === 429) return 'Too many attempts';
  if (status >= 500) return 'The server cannot answer right now. Wait a moment, then try again';
  return 'The server did not accept this';
}
