import { expect, test } from 'vitest';
import { authorization, isLoopback, trackingUri } from '../../../src/node/mlflow/tracking_uri.ts';

test('an address loses the slash at its end, and keeps its path', () => {
  expect(trackingUri('http://host:5000/')).toBe('http://host:5000');
  expect(trackingUri('https://host/tools/mlflow/')).toBe('https://host/tools/mlflow');
});

test.each(['sqlite:///mlruns.db', 'mlruns', '', 'file:///tmp', 'databricks'])(
  'what is no server is refused with the way to start one: %s',
  (text) => {
    expect(() => trackingUri(text)).toThrow("running 'mlflow server'");
  },
);

test('an address with a password is refused without repeating it', () => {
  const refusal = () => trackingUri('http://me:secret@host:5000');
  expect(refusal).toThrow('MLFLOW_TRACKING_PASSWORD');
  expect(refusal).not.toThrow('secret');
});

test('user and password come before the token, and half a pair counts as none', () => {
  const pair = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'secret' };
  expect(authorization({ ...pair, MLFLOW_TRACKING_TOKEN: 't' })).toBe(`Basic ${btoa('me:secret')}`);
  expect(authorization({ MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_TOKEN: 't' })).toBe(
    'Bearer t',
  );
  expect(authorization({})).toBe(undefined);
});

test('no proxy leads to this machine', () => {
  expect(['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:5000'].every(isLoopback)).toBe(
    true,
  );
  expect(isLoopback('http://127.0.0.1.evil.org')).toBe(false);
});
