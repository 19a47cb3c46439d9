/** A request that is refused before it is GraphQL. The message is for the client. */
export class HttpRefusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "HttpRefusal";
    this.statusCode = statusCode;
  }
}
