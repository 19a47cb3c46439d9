/** The provider cannot be used now, or as it is configured. The message is for administrators. */
export class ProviderUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ProviderUnusable";
  }
}
