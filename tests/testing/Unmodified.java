import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Asks as programs do that know nothing of a twin, by both clients that Java has. */
class Unmodified {
    static final URI USERS = URI.create("https://api.mailersend.com/v1/users");
    static final String TOKEN = "Bearer " + System.getenv("MAILERSEND_API_KEY");

    public static void main(String[] none) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(USERS).header("Authorization", TOKEN).build();
        System.out.println(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
        var connection = (HttpURLConnection) USERS.toURL().openConnection();
        connection.setRequestProperty("Authorization", TOKEN);
        System.out.println(new String(connection.getInputStream().readAllBytes()));
    }
}
