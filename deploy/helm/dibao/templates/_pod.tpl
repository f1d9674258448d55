{{/*
A pod of dibao: the image with one command, as nobody, on a file system that it cannot write to, with its secrets as
files and no other's.

root: the whole; name: what it is; user: its principal in Kafka; database: its address among the secrets;
args: the command; keys: further secrets; http, monitored: whether it listens; own: its values.
*/}}
{{- define "dibao.pod" -}}
{{- $values := .root.Values -}}
metadata:
  labels:
    {{- include "dibao.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
spec:
  automountServiceAccountToken: false
  {{- if .monitored }}
  serviceAccountName: {{ .root.Release.Name }}
  {{- end }}
  # Kubernetes would say DIBAO_PORT of a service that is called dibao.
  enableServiceLinks: false
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .restart }}
  restartPolicy: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: 45
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile:
      type: RuntimeDefault
  {{- if .monitored }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "dibao.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .name }}
  {{- end }}
  containers:
    - name: dibao
      image: {{ include "dibao.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      {{- with .command }}
      command:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .args }}
      args:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      env:
        - name: DIBAO_KAFKA
          value: {{ include "dibao.kafka" .root | quote }}
        - name: DIBAO_KAFKA_SECURITY
          value: SASL_SSL
        - name: DIBAO_KAFKA_CA_FILE
          value: /run/secrets/kafka-ca.pem
        - name: DIBAO_KAFKA_USER
          value: {{ .user }}
        - name: DIBAO_KAFKA_PASSWORD_FILE
          value: /run/secrets/kafka_{{ .user }}
        - name: DIBAO_DATABASE_URL_FILE
          value: /run/secrets/database_{{ .database }}
        - name: DIBAO_PARTITIONS
          value: {{ $values.kafka.partitions | quote }}
        - name: DIBAO_REPLICATION
          value: {{ $values.kafka.replication | quote }}
        {{- range .keys }}
        - name: DIBAO_{{ . | replace "." "_" | upper }}_FILE
          value: /run/secrets/{{ . }}
        {{- end }}
        {{- if .http }}
        - name: DIBAO_HOST
          value: 0.0.0.0
        - name: DIBAO_PORT
          value: "8000"
        - name: DIBAO_TLS_CERTIFICATE
          value: /run/secrets/web.pem
        - name: DIBAO_TLS_KEY
          value: /run/secrets/web.key
        {{- end }}
        {{- if not .monitored }}
        - name: DIBAO_MONITOR_PORT
          value: "0"
        {{- end }}
        {{- if .own.volume }}
        - name: DIBAO_{{ upper .name }}
          value: /var/lib/dibao/{{ .name }}
        {{- end }}
        {{- range $name, $key := .own.files }}
        - name: {{ $name }}
          value: /run/secrets/{{ $key }}
        {{- end }}
        {{- range $name, $value := merge (dict) (.own.environment | default dict) $values.environment }}
        - name: {{ $name }}
          value: {{ $value | toString | quote }}
        {{- end }}
      {{- if .monitored }}
      ports:
        {{- if .http }}
        - name: https
          containerPort: 8000
        {{- end }}
        - name: monitor
          containerPort: 9400
      # Five minutes in which to begin. A process that waits for a server lives, and is not ready.
      startupProbe:
        httpGet:
          path: /livez
          port: monitor
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /livez
          port: monitor
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      # Caught up: each part is asked, and given five seconds.
      readinessProbe:
        httpGet:
          path: /readyz
          port: monitor
        periodSeconds: 10
        timeoutSeconds: 10
        failureThreshold: 3
      {{- end }}
      resources:
        {{- toYaml .own.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: secrets
          mountPath: /run/secrets
          readOnly: true
        {{- if .own.volume }}
        - name: data
          mountPath: /var/lib/dibao
        {{- end }}
  volumes:
    # In memory, as files that are handed over have persons in them; it counts as the pod's memory.
    - name: tmp
      emptyDir:
        medium: Memory
        sizeLimit: {{ .own.tmp | default $values.tmp }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          - secret:
              name: {{ $values.secret }}
              items:
                - key: database_{{ .database }}
                  path: database_{{ .database }}
                {{- if not $values.kafka.enabled }}
                - key: kafka_{{ .user }}
                  path: kafka_{{ .user }}
                {{- end }}
                {{- range concat .keys (values (.own.files | default dict) | sortAlpha) (ternary (list "web.pem" "web.key") (list) (default false .http)) }}
                - key: {{ . }}
                  path: {{ . }}
                {{- end }}
          {{- if $values.kafka.enabled }}
          - secret:
              name: {{ .root.Release.Name }}-kafka-{{ .user }}
              items:
                - key: password
                  path: kafka_{{ .user }}
          - secret:
              name: {{ .root.Release.Name }}-cluster-ca-cert
              items:
                - key: ca.crt
                  path: kafka-ca.pem
          {{- else }}
          - secret:
              name: {{ $values.kafka.ca.secret | default $values.secret }}
              items:
                - key: {{ $values.kafka.ca.key }}
                  path: kafka-ca.pem
          {{- end }}
          {{- if $values.postgres.enabled }}
          - secret:
              name: {{ .root.Release.Name }}-postgres-ca
              items:
                - key: ca.crt
                  path: ca.pem
          {{- else }}
          - secret:
              name: {{ $values.postgres.ca.secret | default $values.secret }}
              items:
                - key: {{ $values.postgres.ca.key }}
                  path: ca.pem
          {{- end }}
    {{- if .own.volume }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ .root.Release.Name }}-{{ .name }}
    {{- end }}
{{- end }}
