import "reflect-metadata";
import { Field, InputType } from "type-graphql";

@InputType({ description: "The token of a link that Weft has sent." })
export class TokenInput {
  @Field(() => String, { description: "The token. The description of the argument says of which link." })
  token!: string;
}
