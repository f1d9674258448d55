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
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Sdk {
  public static void main(String[] given) throws Exception {
    String address = given[0], bearer = "Bearer " + given[1], kafka = given[2], topic = given[3];
    JsonNode facts = new ObjectMapper().readTree(System.in);
    System.out.println(post(address, bearer, made(facts.get(0))));
    Map<String, Object> structured = new HashMap<>();
    structured.put(CloudEventSerializer.ENCODING_CONFIG, Encoding.STRUCTURED);
    structured.put(CloudEventSerializer.EVENT_FORMAT_CONFIG, JsonFormat.CONTENT_TYPE);
    put(kafka, topic, bearer, made(facts.get(1)), new HashMap<>());
    put(kafka, topic, bearer, made(facts.get(2)), structured);
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
      String kafka, String topic, String bearer, CloudEvent event, Map<String, Object> encoding)
      throws Exception {
    CloudEventSerializer values = new CloudEventSerializer();
    values.configure(encoding, false);
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka);
    try (KafkaProducer<String, CloudEvent> producer =
        new KafkaProducer<>(settings, new StringSerializer(), values)) {
      ProducerRecord<String, CloudEvent> record = new ProducerRecord<>(topic, event);
      record.headers().add("authorization", bearer.getBytes(StandardCharsets.UTF_8));
      producer.send(record).get();
    }
  }
}
