import type ssh2Library from 'ssh2';

/**
 * A key pair for one login, in OpenSSH's formats. Not ed25519: ssh2 1.17 (lib/keygen.js, parseDERs()) takes zero bytes off the front of such a public key, so that
 * one pair of 256 is malformed. A point on a curve has a 4 there (SEC 1, 2.3.3).
 */
export function makeLoginKey(ssh2: typeof ssh2Library): { readonly private: string; readonly public: string } {
  return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
}
