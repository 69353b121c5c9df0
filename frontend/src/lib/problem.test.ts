import { describe, expect, it } from 'vitest';

import { Problem } from './problem';

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

describe('a problem', () => {
  it('takes code, sentence, fields and reference from problem+json', async () => {
    const problem = await Problem.from(
      answer(422, {
        type: 'urn:sluice:error:validation_failed',
        title: 'Validation failed',
        status: 422,
        code: 'validation_failed',
        detail: 'email: the e-mail address is not valid',
        fields: [
          { field: 'email', detail: 'the e-mail address is not valid' },
          { field: 'email', detail: 'a second remark about the same field' },
          { field: 'password', detail: 'Use at least 10 characters.' },
        ],
        request_id: 'abc',
      }),
    );
    expect(problem).toMatchObject({
      status: 422,
      code: 'validation_failed',
      fields: { email: 'The e-mail address is not valid.', password: 'Use at least 10 characters.' },
      requestId: 'abc',
    });
  });

  it('says when to try again, unless the server has said so itself', async () => {
    const silent = { code: 'too_many_requests', detail: 'Too many attempts.' };
    const plain = await Problem.from(answer(429, silent, { 'retry-after': '30' }));
    expect(plain.message).toBe('Too many attempts. Try again in 30 seconds.');
    const long = await Problem.from(answer(429, silent, { 'retry-after': '600' }));
    expect(long.message).toBe('Too many attempts. Try again in 10 minutes.');
    const said = await Problem.from(
      answer(
        429,
        { code: 'too_many_requests', detail: 'Too many requests. Try again in 30 s.' },
        { 'retry-after': '30' },
      ),
    );
    expect(said.message).toBe('Too many requests. Try again in 30 s.');
  });

  it.each([
    [502, '<html>Bad gateway</html>', 'unavailable', /wait a moment/i],
    [404, '', 'not_found', /does not exist/],
    [400, '[]', 'invalid_request', /did not accept/],
    [500, { detail: 7, fields: 'none' }, 'unavailable', /cannot answer/],
  ])('makes a sentence of a %d that is no problem+json', async (status, body, code, sentence) => {
    const problem = await Problem.from(answer(status, body));
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(sentence);
    expect(problem.fields).toEqual({});
  });

  it('keeps a thrown problem, and hides the words of any other error', () => {
    const problem = Problem.unreachable();
    expect(Problem.of(problem)).toBe(problem);
    expect(Problem.of(new TypeError("reading 'x' of undefined")).message).not.toContain('undefined');
  });
});
