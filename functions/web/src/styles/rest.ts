import "@/styles/rest.css";
