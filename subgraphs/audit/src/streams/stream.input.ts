import { Field, InputType } from "type-graphql";
import { WebhookHeaderInput } from "../webhooks/webhook.input.js";

@InputType({
  description: "What the receiver of a stream asks for. It is stored encrypted and never shown. Each transport has its own fields.",
})
export class AuditStreamAccessInput {
  @Field(() => [WebhookHeaderInput], {
    nullable: true,
    description: "HTTP: headers of each request, at most 20, such as `Authorization`.",
  })
  headers?: WebhookHeaderInput[] | null;

  @Field(() => String, { nullable: true, description: "S3: region of the bucket, such as `eu-central-1`. Required." })
  region?: string | null;

  @Field(() => String, { nullable: true, description: "S3: ID of the access key. Required." })
  accessKeyId?: string | null;

  @Field(() => String, { nullable: true, description: "S3: secret access key. It needs the right to put objects, and no other. Required." })
  secretAccessKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "SYSLOG: certificates of the authority that issued the receiver's certificate, in PEM. Default: the public authorities.",
  })
  caCertificate?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "SYSLOG: certificate with which Weft identifies itself, in PEM. With `clientKey`.",
  })
  clientCertificate?: string | null;

  @Field(() => String, { nullable: true, description: "SYSLOG: private key of the certificate, in PEM, without a passphrase." })
  clientKey?: string | null;
}
