import "reflect-metadata";
import { Directive, Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "A warning about an input that was accepted but is probably unintended." })
export class InputWarning {
  @Field(() => String, { description: "Path in the arguments, for example `input.dueAt`." })
  path!: string;

  @Field(() => String, { description: "What is unusual, and what to do." })
  message!: string;

  @Field(() => String, { description: "Stable code for programs, for example `DUE_IN_PAST`." })
  code!: string;
}
