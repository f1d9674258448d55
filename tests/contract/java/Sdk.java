// Hands facts over as the CloudEvents SDK for Java does: java -cp … Sdk.java ADDRESS KEY KAFKA TOPIC < facts
// By HTTP in binary mode, and to Kafka in its default mode (binary) and in structured mode.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventSerializer;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Sdk {
  public static void main(String[] given) throws Exception {
    String address = given[0], bearer = "Bearer " + given[1], kafka = given[2], topic = given[3];
    JsonNode facts = new ObjectMapper().readTree(System.in);
    System.out.println(post(address, bearer, made(facts.get(0))));
    Map<String, Object> structured = new HashMap<>();
    structured.put(CloudEventSerializer.ENCODING_CONFIG, Encoding.STRUCTURED);
    structured.put(CloudEventSerializer.EVENT_FORMAT_CONFIG, JsonFormat.CONTENT_TYPE);
    put(kafka, topic, given[1], made(facts.get(1)), new HashMap<>());
    put(kafka, topic, given[1], made(facts.get(2)), structured);
  }

  private static CloudEvent made(JsonNode fact) {
    return CloudEventBuilder.v1()
        .withId(fact.get("id").asText())
        .withSource(URI.create(fact.get("source").asText()))
        .withType(fact.get("type").asText())
        .withTime(OffsetDateTime.parse(fact.get("time").asText()))
        .withData("application/json", fact.get("data").toString().getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private static int post(String address, String bearer, CloudEvent event) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(address + "/events").toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Authorization", bearer);
    HttpMessageFactory.createWriter(connection::setRequestProperty, body -> write(connection, body))
        .writeBinary(event);
    return connection.getResponseCode();
  }

  private static void write(HttpURLConnection connection, byte[] body) {
    try {
      connection.getOutputStream().write(body);
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  private static void put(
      String kafka, String topic, String key, CloudEvent event, Map<String, Object> encoding)
      throws Exception {
    CloudEventSerializer values = new CloudEventSerializer();
    values.configure(encoding, false);
    RecordHeaders headers = new RecordHeaders();
    byte[] value = values.serialize(topic, headers, event);
    headers.add("dibao-signature", signature(key, "*", headers, value));
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<String, byte[]>(topic, null, null, value, headers)).get();
    }
  }

  private static byte[] signature(String key, String source, Headers headers, byte[] value) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(sha256.digest(key.getBytes(StandardCharsets.UTF_8)), "HmacSHA256"));
    mac.update("v1".getBytes(StandardCharsets.UTF_8));
    for (String name : new String[] {"ce_source", "ce_id", "ce_type", "ce_time"}) {
      mac.update((byte) '\n');
      Header header = headers.lastHeader(name);
      if (header != null) mac.update(header.value());
    }
    mac.update((byte) '\n');
    String made = HexFormat.of().formatHex(mac.doFinal(value));
    return ("v1 " + source + " " + made).getBytes(StandardCharsets.UTF_8);
  }
}
