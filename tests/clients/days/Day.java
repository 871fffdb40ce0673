import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.ConcentratorsApi;
import org.openapitools.client.api.DailyCountsApi;
import org.openapitools.client.api.InstallationsApi;
import org.openapitools.client.api.MessagesApi;
import org.openapitools.client.model.*;

/** A day's work with the Java client of openapi-generator: URL, two tokens, begin, end, day, three to install. */
public final class Day {
    private interface Asking {
        void ask() throws ApiException;
    }

    public static void main(String[] arguments) throws Exception {
        Day day = new Day(clientOf(arguments[0], arguments[1]));
        List<String> store = Arrays.asList(arguments).subList(6, arguments.length);
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("unreachable", day.unreachable());
        found.put("fleet", day.concentrators.concentratorsList(fleet().build()).getResults().size());
        day.readMessages(OffsetDateTime.parse(arguments[3]), OffsetDateTime.parse(arguments[4]), found);
        found.put("received", day.received(LocalDate.parse(arguments[5])));
        ApiClient reader = clientOf(arguments[0], arguments[2]);
        found.put("forbidden", problem(() -> install(reader, store)).getCode());
        found.put("installed", install(day.client, store, "one").getChanged());
        found.put("again", install(day.client, store, "one").getChanged());
        found.put("conflict", refusal(() -> install(day.client, store)));
        found.put("invalid", refusal(() -> install(day.client, List.of("A1", "NOBODY"))));
        found.put("not_found", problem(() -> day.one("NOBODY")).getCode());
        day.askUntilRefused(found);
        System.out.print(new ObjectMapper().writeValueAsString(found));
    }

    private final ApiClient client;
    private final ConcentratorsApi concentrators;

    private Day(ApiClient client) {
        this.client = client;
        concentrators = new ConcentratorsApi(client);
    }

    private static ApiClient clientOf(String url, String token) {
        ApiClient made = new ApiClient();
        made.updateBaseUri(url);
        made.setRequestInterceptor(request -> request.setHeader("Authorization", "Bearer " + token));
        return made;
    }

    private static ConcentratorsApi.APIConcentratorsListRequest.Builder fleet() {
        return ConcentratorsApi.APIConcentratorsListRequest.newBuilder();
    }

    private List<String> unreachable() throws ApiException {
        PaginatedConcentratorList page = concentrators.concentratorsList(fleet().status(List.of("unreachable")).build());
        return page.getResults().stream().map(Concentrator::getSerialNumber).collect(Collectors.toList());
    }

    private Concentrator one(String serial) throws ApiException {
        return concentrators.concentratorsRetrieve(
                ConcentratorsApi.APIConcentratorsRetrieveRequest.newBuilder().serialNumber(serial).build());
    }

    private void readMessages(OffsetDateTime begin, OffsetDateTime end, Map<String, Object> found) throws ApiException {
        MessagesApi.APIMessagesListRequest.Builder asked =
                MessagesApi.APIMessagesListRequest.newBuilder().receivedFrom(begin).receivedTo(end);
        Set<Long> ids = new HashSet<>();
        int pages = 0;
        URI next;
        do {
            PaginatedMessageList page = new MessagesApi(client).messagesList(asked.build());
            page.getResults().forEach(message -> ids.add(message.getId()));
            next = page.getNext();
            asked.cursor(cursorOf(next));
            pages += 1;
        } while (next != null);
        found.put("messages", ids.size());
        found.put("highest_id", ids.stream().max(Long::compare).orElseThrow());
        found.put("pages", pages);
    }

    private static String cursorOf(URI next) {
        return next == null ? null
                : Arrays.stream(next.getQuery().split("&")).filter(part -> part.startsWith("cursor="))
                        .map(part -> part.substring("cursor=".length())).findFirst().orElseThrow();
    }

    private long received(LocalDate day) throws ApiException {
        PaginatedDailyList page = new DailyCountsApi(client).dailyCountsList(
                DailyCountsApi.APIDailyCountsListRequest.newBuilder().fromDay(day).toDay(day).build());
        return page.getResults().stream().mapToLong(row -> row.getWakeupCount()).sum();
    }

    private static Done install(ApiClient client, List<String> serials) throws ApiException {
        return install(client, serials, null);
    }

    private static Done install(ApiClient client, List<String> serials, String key) throws ApiException {
        InstallationRequest body = new InstallationRequest().action(ActionEnum.INSTALL).concentrators(serials)
                .profile(new InstallationRequestProfile("Ten"));
        return new InstallationsApi(client).installationsCreate(
                InstallationsApi.APIInstallationsCreateRequest.newBuilder()
                        .installationRequest(body).idempotencyKey(key).build());
    }

    private static Problem problem(Asking asking) throws Exception {
        try {
            asking.ask();
        } catch (ApiException refused) {
            return problemOf(refused);
        }
        throw new IllegalStateException("It was not refused.");
    }

    private static Problem problemOf(ApiException refused) throws Exception {
        return ApiClient.createDefaultObjectMapper().readValue(refused.getResponseBody(), Problem.class);
    }

    private static List<String> refusal(Asking asking) throws Exception {
        Problem said = problem(asking);
        List<String> lines = new ArrayList<>(List.of(said.getCode()));
        said.getErrors().forEach(error -> lines.add(error.getField() + " " + error.getCode()));
        return lines;
    }

    private void askUntilRefused(Map<String, Object> found) throws Exception {
        try {
            while (true) {
                one("A1");
            }
        } catch (ApiException refused) {
            found.put("throttled", problemOf(refused).getCode());
            String wait = refused.getResponseHeaders().firstValue("Retry-After").orElse("0");
            found.put("waits", Integer.parseInt(wait) > 0);
        }
    }
}
