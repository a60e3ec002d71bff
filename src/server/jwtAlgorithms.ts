const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const

/** What may be configured. HS* and `none` never: with them, whoever knows the public key could sign. */
export const asymmetricAlgorithms = [...rsaAlgorithms, 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const
export type AsymmetricAlgorithm = (typeof asymmetricAlgorithms)[number]
